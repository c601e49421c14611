// The buttons of a drawer: its picture as PNG and as SVG, and the link to its card. Below them stands the picture as it is saved, as wide as
// there is room: whatever the width of the screen, the same picture is saved.
import Plotly from './plotly-4.1.1.js'
import { copied } from './copy.js'

const SAID_FOR = 2000 // ms
const SCALE = 2 // dots of a PNG in a px

export default function draw({ data, parentElement }) {
  const text = JSON.stringify(data)
  const place = parentElement.querySelector('.take') || parentElement.appendChild(document.createElement('div'))
  if (place.text === text) return
  Object.assign(place, { className: 'take', text })
  const buttons = Object.assign(document.createElement('div'), { className: 'buttons' })
  place.replaceChildren(buttons)
  if (data.figure) {
    for (const format of ['png', 'svg']) buttons.append(button(`Picture as ${format.toUpperCase()}`, () => save(data, format)))
    place.append(shown(data))
  }
  if (data.card) buttons.append(linkTo(data))
}

function button(text, onclick) {
  return Object.assign(document.createElement('button'), { type: 'button', textContent: text, onclick })
}

// A figure is changed by Plotly while it draws it: each picture is made of a copy.
function picture({ figure, width }, format) {
  const copy = structuredClone(figure)
  return Plotly.toImage(copy, { format, width, height: copy.layout.height, scale: format === 'png' ? SCALE : 1 })
}

function shown(data) {
  const image = Object.assign(new Image(data.width, data.figure.layout.height), { alt: data.alt })
  picture(data, 'svg').then(address => { image.src = address })
  return image
}

async function save(data, format) {
  const address = await picture(data, format)
  const [head, content] = [address.slice(0, address.indexOf(',')), address.slice(address.indexOf(',') + 1)]
  const bytes = head.endsWith(';base64') ? Uint8Array.from(atob(content), letter => letter.charCodeAt(0)) : decodeURIComponent(content)
  const file = URL.createObjectURL(new Blob([bytes], { type: head.slice('data:'.length).split(';')[0] }))
  Object.assign(document.createElement('a'), { href: file, download: `${data.name}.${format}` }).click()
  setTimeout(() => URL.revokeObjectURL(file), SAID_FOR)
}

// The link gives the numbers that stand beside it: it asks for their policy where the address of the page does not.
function linkTo({ card, policy }) {
  const words = 'Copy link to this card'
  const copy = button(words, async () => {
    const address = new URL(location.href)
    if (policy) address.searchParams.set('policy', policy)
    address.hash = card
    const done = await copied(address.href)
    copy.textContent = done ? 'Link copied' : 'Not copied'
    clearTimeout(copy.timer)
    copy.timer = setTimeout(() => { copy.textContent = words }, SAID_FOR)
  })
  copy.setAttribute('aria-live', 'polite')
  return copy
}
