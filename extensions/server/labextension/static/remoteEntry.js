// Takes the place of Lab's connector for translations: a language that the park's front has comes
// from there, so that the browser keeps it and gives it to the next pupil at this PC; any other one
// comes from the server, as ever. Written by hand as the container of modules that Lab expects.
(() => {
  const NAME = "technopark-shared";
  let shared;

  const option = (name) =>
    JSON.parse(document.getElementById("jupyter-config-data").textContent)[name];

  const moduleOfLab = async (name) => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  const plugins = async () => {
    const files = option("technoparkTranslations");
    if (!files) {
      return [];
    }
    const translation = await moduleOfLab("@jupyterlab/translation");
    return [
      {
        id: `${NAME}:translations`,
        description: "Fetches translations from the park's front.",
        autoStart: true,
        provides: translation.ITranslatorConnector,
        activate: (app) => {
          const server = new translation.TranslatorConnector(
            option("translationsApiUrl"),
            app.serviceManager.serverSettings
          );
          const fromFront = async (file) => (await fetch(file, { credentials: "omit" })).json();
          return {
            fetch: (query) => {
              const file = files[query?.language];
              return file ? fromFront(file).catch(() => server.fetch(query)) : server.fetch(query);
            }
          };
        }
      }
    ];
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const exported = { __esModule: true, default: await plugins() };
      return () => exported;
    }
  };
})();
