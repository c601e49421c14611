// One click is one step back. Streamlit writes several addresses for a click (of a link with filters: with each of them twice, of a page and of
// what is left on it), some of which show what one sees already, so that Back seemed to do nothing. Only the first one is a new step.
const push = history.pushState.bind(history)
let isNew = true
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { isNew = true }, true)
addEventListener('popstate', () => { isNew = false }, true) // what is written on the way back would cut off the way forward
history.pushState = (...address) => {
  if (isNew) push(...address)
  else history.replaceState(...address)
  isNew = false
}
