// The hub's page of tokens: makes one by the hub's API and shows it once; ends others.
const part = (id) => document.getElementById(id);
const form = part("new");

const ask = async (method, path, content) => {
  part("failed").hidden = true;
  try {
    const answer = await fetch(form.dataset.tokens + path, {
      method,
      headers: { "Content-Type": "application/json", "X-XSRFToken": form.dataset.seal },
      body: content && JSON.stringify(content),
    });
    if (answer.ok) return answer;
  } catch { /* the hub is away */ }
  part("failed").hidden = false;
  return null;
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const scopes = part("scopes").value.split(/[\s,]+/).filter(Boolean);
  const wanted = { note: part("note").value, expires_in: Number(part("lasts").value) };
  const answer = await ask("POST", "", scopes.length ? { ...wanted, scopes } : wanted);
  if (!answer) return;
  part("token").textContent = (await answer.json()).token;
  part("made").hidden = false;
  part("made-title").focus();
  form.reset();
});

for (const button of document.querySelectorAll("[data-ends]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (await ask("DELETE", `/${button.dataset.ends}`)) button.closest("tr").remove();
  });
}
