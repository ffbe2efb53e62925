// The sign-in page: shows the words while they are typed, and reads a card's code.
// What stands behind # of the address never leaves the browser unless this sends it.
const part = (id) => document.getElementById(id);

const readCard = () => {
  const [name, secret] = decodeURIComponent(location.hash.slice(1)).split(".");
  if (!/^[a-z0-9-]{1,40}$/.test(name || "") || !secret) return null;
  // Neither the history nor whoever looks at the address bar keeps the secret.
  history.replaceState(null, "", location.pathname + location.search);
  return { name, secret };
};

const fillIn = (form, card) => {
  part("username").value = card.name;
  part("card").value = card.secret;
  part("words-wanted").hidden = false;
  part("password").focus();
  if (form.dataset.cardAlone === "yes") {
    part("words-wanted").hidden = true;
    form.noValidate = true; // the words may be empty
    if (form.requestSubmit) form.requestSubmit(); else form.submit();
  }
};

const form = part("sign-in");
if (form) {
  const show = part("show-words");
  show.hidden = false;
  part("show").addEventListener("change", (event) => {
    part("password").type = event.target.checked ? "text" : "password";
  });
  // Somebody else's name: the card in hand is not theirs.
  part("username").addEventListener("input", () => { part("card").value = ""; });
}

const signedIn = part("signed-in");
const scanned = () => {
  let card = null;
  try { card = readCard(); } catch { /* no code of ours */ }
  if (!card) return;
  if (form) fillIn(form, card);
  else if (signedIn && signedIn.dataset.name === card.name) location.replace(signedIn.dataset.home);
};
scanned();
addEventListener("hashchange", scanned); // the next card, scanned into the same page
