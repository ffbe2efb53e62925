// What makes Lab's page light. Written by hand as the container of modules that Lab expects.
//
// Translations: a language that the park's front has comes from there in place of Lab's connector, so
// that the browser keeps it and gives it to the next pupil at this PC; any other one comes from the
// server, as ever. Signs: for the three in its list of assignments nbgrader needs a font of 79 kB; the
// browser's own letters have them.
(() => {
  const NAME = "technopark-shared";
  let shared;

  const option = (name) =>
    JSON.parse(document.getElementById("jupyter-config-data").textContent)[name];

  const moduleOfLab = async (name) => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  const SIGNS = `
    #nbgrader-assignment-list .fa { font-family: sans-serif; font-style: normal; }
    #nbgrader-assignment-list .fa-refresh::before { content: "\\21bb"; }
    #nbgrader-assignment-list .fa-caret-right::before { content: "\\25b8"; }
    #nbgrader-assignment-list .fa-caret-down::before { content: "\\25be"; }
  `;

  const signs = {
    id: `${NAME}:signs`,
    description: "Draws the signs of the list of assignments without a font of their own.",
    autoStart: true,
    activate: () => {
      const style = document.createElement("style");
      style.textContent = SIGNS;
      document.head.append(style);
    }
  };

  const plugins = async () => {
    const files = option("technoparkTranslations");
    if (!files) {
      return [signs];
    }
    const translation = await moduleOfLab("@jupyterlab/translation");
    return [
      signs,
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
