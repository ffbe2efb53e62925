// Fetches files into the browser's cache, where every page of the park finds them; see ahead.js.
const fetchWhole = async (file) => {
  const answer = await fetch(file, { credentials: "omit", priority: "low" });
  await answer.body.pipeTo(new WritableStream());
};

self.addEventListener("message", (event) =>
  event.waitUntil(Promise.allSettled(event.data.map(fetchWhole)))
);
