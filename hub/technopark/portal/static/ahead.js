// Has the browser fetch what the lesson's page will need while somebody types, reads or waits. A
// service worker does it: a page's own fetches end with the page, and would begin anew on the next.
// It stands between no page and its answers; without one (plain HTTP) Lab fetches as ever.
{
  const { files, worker } = document.currentScript.dataset;
  const ask = async () => {
    const registration = await navigator.serviceWorker.register(worker);
    const { active, waiting, installing } = registration;
    (active ?? waiting ?? installing).postMessage(JSON.parse(files));
  };
  if (navigator.serviceWorker) ask().catch(() => {});
}
