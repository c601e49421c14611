// A table of which a row can be chosen, by a click or by its button, and whose columns can be sorted. Choosing a chosen row lets it go.
const sorted = new WeakMap() // table -> the column it is sorted by, and whether downwards

export default function draw({ data, parentElement, setTriggerValue }) {
  const region = parentElement.querySelector('.rows') || parentElement.appendChild(element('div', { className: 'rows', tabIndex: 0, role: 'region' }))
  region.setAttribute('aria-label', data.alt)
  const focused = region.contains(document.activeElement) && document.activeElement.dataset.at
  fill(region, data, place => setTriggerValue('chosen', place))
  if (focused) region.querySelector(`[data-at="${focused}"]`)?.focus()
}


function fill(region, data, choose) {
  const by = sorted.get(region)
  const resort = column => {
    sorted.set(region, { column, down: by?.column === column ? !by.down : data.rows.some(row => typeof row[column][1] === 'number') })
    fill(region, data, choose)
    region.querySelector(`[data-at="head ${column}"]`).focus()
  }
  const head = element('tr', {}, data.head.map((name, column) => headOf(name, column, by, data.rows, () => resort(column))))
  const body = ordered(data.rows, by).map(place => rowOf(data.rows[place], data.chosen.includes(place), place, () => choose(place)))
  for (const row of [head, ...body]) data.wide_only.forEach(place => row.children[place].classList.add('wide-only'))
  region.replaceChildren(element('table', {}, [element('thead', {}, [head]), element('tbody', {}, body)]))
}

function headOf(name, column, by, rows, resort) {
  const button = element('button', { type: 'button', textContent: name, onclick: resort })
  button.dataset.at = `head ${column}`
  const head = element('th', { scope: 'col', className: isNumber(rows, column) ? 'number' : '' }, [button])
  if (by?.column === column) head.setAttribute('aria-sort', by.down ? 'descending' : 'ascending')
  return head
}

function rowOf(cells, isChosen, place, choose) {
  const button = element('button', { type: 'button', textContent: cells[0][0] })
  button.setAttribute('aria-pressed', isChosen)
  button.dataset.at = `row ${place}`
  const others = cells.slice(1).map(([text, value]) => element('td', { textContent: text, className: typeof value === 'string' ? '' : 'number' }))
  const unlessSelecting = () => getSelection().toString() || choose() // words that are marked to be copied choose no row
  const row = element('tr', { className: isChosen ? 'chosen' : '', onclick: unlessSelecting })
  row.append(element('th', { scope: 'row' }, [button]), ...others)
  return row
}

function ordered(rows, by) {
  const places = rows.map((_, place) => place)
  if (!by) return places
  const value = place => rows[place][by.column][1]
  const compare = (a, b) => (typeof a === 'string' ? a.localeCompare(b) : a - b)
  const known = places.filter(place => value(place) !== null).sort((a, b) => compare(value(a), value(b)) * (by.down ? -1 : 1))
  return [...known, ...places.filter(place => value(place) === null)]
}

function isNumber(rows, column) {
  return rows.some(row => typeof row[column][1] === 'number')
}

function element(tag, given, children = []) {
  const made = Object.assign(document.createElement(tag), given)
  if (given.role) made.setAttribute('role', given.role)
  made.append(...children)
  return made
}
