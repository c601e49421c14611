// What one does with a whole page: copy its address, which holds filters and choices, and print it.
const SAID_FOR = 2000 // ms

export default function draw({ parentElement }) {
  if (parentElement.querySelector('.actions')) return
  const place = parentElement.appendChild(document.createElement('div'))
  place.className = 'actions'
  const copy = button('Copy link', () => copied().then(done => say(copy, done)))
  copy.className = 'copy'
  copy.setAttribute('aria-live', 'polite')
  place.append(copy, button('Print', () => print()))
}

function button(text, onclick) {
  return Object.assign(document.createElement('button'), { type: 'button', textContent: text, onclick })
}

function say(copy, done) {
  copy.textContent = done ? 'Link copied' : 'Not copied'
  clearTimeout(copy.timer)
  copy.timer = setTimeout(() => { copy.textContent = 'Copy link' }, SAID_FOR)
}

// The clipboard may be closed to a page; the older way asks nobody.
function copied() {
  const asked = navigator.clipboard ? navigator.clipboard.writeText(location.href) : Promise.reject()
  return asked.then(() => true, copiedTheOlderWay)
}

function copiedTheOlderWay() {
  const box = document.body.appendChild(Object.assign(document.createElement('textarea'), { value: location.href }))
  box.select()
  const done = document.execCommand('copy')
  box.remove()
  return done
}
