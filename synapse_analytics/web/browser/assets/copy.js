// Puts a text into the clipboard; true if it is there. The clipboard may be closed to a page; the older way asks nobody.
export function copied(text) {
  const asked = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject()
  return asked.then(() => true, () => copiedTheOlderWay(text))
}

function copiedTheOlderWay(text) {
  const box = document.body.appendChild(Object.assign(document.createElement('textarea'), { value: text }))
  box.select()
  const done = document.execCommand('copy')
  box.remove()
  return done
}
