// What Lab needs to be a pupil's own. Written by hand as the container of modules that Lab expects.
//
// Translations: a language that the park's front has comes from there in place of Lab's connector, so
// that the browser keeps it and gives it to the next pupil at this PC; any other one comes from the
// server, as ever. News: who else is in this server, and what a teacher has sent.
(() => {
  const NAME = "technopark-shared";
  let shared;

  const option = (name) =>
    JSON.parse(document.getElementById("jupyter-config-data").textContent)[name];

  const moduleOfLab = async (name) => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  const translations = async () => {
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

  // What the server says as it happens; see technopark_server.live.news.
  const SCHEMA = "https://technopark/news";
  const LEFT_FOR = 8000;

  // A strip that lies over nothing that could be clicked, and that nobody can close.
  const strip = () => {
    const made = document.createElement("div");
    made.id = "technopark-company";
    made.setAttribute("role", "status");
    Object.assign(made.style, {
      position: "fixed",
      bottom: "28px",
      left: "50%",
      transform: "translateX(-50%)",
      zIndex: "10000",
      maxWidth: "90vw",
      padding: "4px 16px",
      borderRadius: "8px",
      background: "#00696b",
      color: "#fff",
      font: "600 14px/1.5 system-ui, sans-serif",
      pointerEvents: "none"
    });
    document.body.append(made);
    return (text) => {
      made.hidden = !text;
      made.style.display = text ? "" : "none";
      if (made.textContent !== text) {
        made.textContent = text;
      }
    };
  };

  const company = (texts) => {
    const show = strip();
    let here = [];
    let left;
    show("");
    return (visitors) => {
      clearTimeout(left);
      if (visitors.length) {
        show(texts.here(visitors));
      } else if (here.length) {
        show(texts.left);
        left = setTimeout(() => show(""), LEFT_FOR);
      }
      here = visitors;
    };
  };

  const russian = {
    here: (names) => `Сейчас твою работу ${names.length > 1 ? "видят" : "видит"} ${names.join(", ")}`,
    left: "Теперь твою работу видишь только ты",
    guest: "Это компьютер ученика. Ученик видит, что вы здесь",
    came: (file) => `Учитель прислал: ${file}`,
    open: "Открыть"
  };
  const english = {
    here: (names) => `${names.join(", ")} ${names.length > 1 ? "see" : "sees"} your work now`,
    left: "Now nobody but you sees your work",
    guest: "This is a pupil's computer. The pupil sees that you are here",
    came: (file) => `The teacher has sent: ${file}`,
    open: "Open"
  };

  const news = async () => {
    const told = option("technoparkNews");
    if (!told) {
      return [];
    }
    const { Notification } = await moduleOfLab("@jupyterlab/apputils");
    const { ServerConnection } = await moduleOfLab("@jupyterlab/services");
    const texts = told.language === "ru" ? russian : english;
    const open = (app, path) =>
      app.commands.execute("docmanager:open", {
        path,
        ...(path.endsWith(".md") ? { factory: "Markdown Preview" } : {})
      });
    return [
      {
        id: `${NAME}:news`,
        description: "Tells the pupil who else is here, and what a teacher has sent.",
        autoStart: true,
        activate: (app) => {
          if (!told.owner) {
            strip()(texts.guest);
            return;
          }
          const see = company(texts);
          const { events, serverSettings } = app.serviceManager;
          events.stream.connect((_, event) => {
            if (event.schema_id !== SCHEMA) {
              return;
            }
            see(event.visitors);
            event.files.forEach((path) =>
              Notification.info(texts.came(path.split("/").pop()), {
                autoClose: false,
                actions: [{ label: texts.open, callback: () => open(app, path) }]
              })
            );
          });
          // not with the browser's own fetch: the hub wants Lab's token for forms, also of who reads
          ServerConnection.makeRequest(
            `${serverSettings.baseUrl}technopark/company`,
            {},
            serverSettings
          )
            .then((answer) => answer.json())
            .then(({ visitors }) => see(visitors))
            .catch(() => {});
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
      const exported = { __esModule: true, default: [...(await translations()), ...(await news())] };
      return () => exported;
    }
  };
})();
