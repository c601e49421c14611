"""How the frame of a page looks, on a screen and on paper. It stands in the head of the document, so that nothing is drawn without it and moved by it."""

from __future__ import annotations

SCREEN = r"""
[data-testid=stMainBlockContainer] {padding: 64px 32px 40px !important}
[data-testid=stMain] [data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock] {gap: 10px}
[data-testid=stMain] h1 {padding: 0 0 4px !important; line-height: 1.25 !important}
[data-testid=stElementContainer]:has(h1) + [data-testid=stElementContainer]:has([data-testid=stAlert]) {margin-top: 14px}
[data-testid=stSidebarHeader] {height: 44px !important; padding-top: 8px !important; margin-bottom: 0 !important}
[data-testid=stSidebarUserContent] > div > [data-testid=stVerticalBlock] {gap: 12px}
[data-testid=stTopNav] {max-width: calc(100% - 64px) !important; width: calc(100% - 64px) !important}
[data-testid=stTopNav] .rc-overflow-item:has(a[href$="/export"]) {margin-left: auto}
.st-key-head_line {min-height: 28px; font-size: 13px; line-height: 20px; column-gap: 12px !important; row-gap: 2px !important}
.st-key-head_line > [data-testid=stElementContainer]:first-child, .st-key-head_line [data-testid=stHtml] {display: contents; font-size: inherit; line-height: inherit}
.st-key-head_line > [data-testid=stElementContainer]:nth-child(2) {margin-left: auto; min-width: 140px; min-height: 28px}
.st-key-head_line .st-key-who {max-width: 260px}
.st-key-who button[aria-haspopup] {min-height: 26px; padding: 2px 10px; border-color: #8796a5; border-radius: 6px}
.st-key-who button[aria-haspopup] p {font-size: 13px; line-height: 20px}
[data-head=tag] {border: 1px solid currentColor; border-radius: 4px; padding: 0 6px; font-size: 12px; line-height: 17px; opacity: .85}
.actions {display: flex; align-items: center; gap: 6px; justify-content: flex-end}
.actions button {font: inherit; font-size: 13px; line-height: 20px; color: inherit; background: none; border: 1px solid #8796a5; border-radius: 6px; padding: 2px 10px; cursor: pointer}
.actions button:hover {background: rgb(135 150 165 / 20%)}
.actions .copy {min-width: 92px}
.st-key-cohort_row {row-gap: 4px !important}
.st-key-cohort_row button {min-height: 28px !important; font-size: 14px}
.st-key-cohort_row [class*=st-key-chip_] button {border-radius: 14px; padding: 0 10px !important}
.st-key-cohort_row p {margin: 0; line-height: 28px; font-size: 15px}
.st-key-cohort_sentence [data-testid=stMarkdownContainer] {margin-bottom: 0 !important}
.st-key-cohort_row button p {font-size: 14px}
.st-key-cohort_row, .st-key-cohort_sentence {column-gap: 10px !important}
.st-key-data_tab [data-testid=stColumn] [data-testid=stSkeleton] {height: 335px !important}
.st-key-data_tab .st-key-data_codes [data-testid=stSkeleton] {height: 54px !important}
.st-key-data_tab [data-testid=stColumn] [data-testid=stHtml]:empty {min-height: 335px}
.st-key-audit_lines [role=region] {max-height: none !important}
.st-key-audit_lines:not(:has(table)) {min-height: 100vh}
:is(.st-key-audit_whole, .st-key-audit_turned, .st-key-audit_turned_below) [data-testid=stSkeleton] {height: 40px !important; width: 98px !important}
.st-key-overview_units {min-height: 26px; margin-top: -14px}
.st-key-overview_summary:not(:has(.sentences)) {min-height: 70px}
.st-key-overview_calling:not(:has(.attention)) {min-height: 106px}
.st-key-overview_summary [data-testid=stSkeleton] {height: 70px !important}
.st-key-overview_units [data-testid=stSkeleton] {height: 26px !important}
.st-key-overview_calling [data-testid=stSkeleton] {height: 106px !important}
.st-key-overview_table:not(:has(.overview)), .st-key-verdict_matrix:not(:has(.verdicts)) {min-height: 100vh}
.st-key-compare_choices [data-testid=stHorizontalBlock], .st-key-compare_halves [data-testid=stHorizontalBlock] {flex-wrap: wrap; row-gap: 8px}
.st-key-compare_choices [data-testid=stColumn] {min-width: 210px !important; flex: 1 1 20% !important}
.st-key-compare_halves [data-testid=stColumn] {min-width: min(420px, 100%) !important; flex: 1 1 420px !important}
.st-key-compare_answer h2 {font-size: 20px; padding: 4px 0 !important}
.st-key-particulars {display: grid !important; grid-template-columns: repeat(auto-fill, minmax(164px, 1fr)); gap: 8px 12px !important}
.st-key-particulars > * {width: 100% !important; min-width: 0 !important; min-height: 68px}
.st-key-particulars > :is(.st-key-pick_like_diagnosis, .st-key-pick_like_sex) {grid-column: span 2}
[data-testid=stSidebar][data-collapsed=true] {visibility: hidden}
@media (min-width: 768px) {body:has([data-testid=stMain] h1):not(:has(.st-key-cohort_row))
[data-testid=stSidebar]:not(:has([class*=st-key-pick_])) {display: none}} /* left over from a page with filters: empty */
[data-testid=stSkipToContent]:focus {outline: 3px solid currentColor; outline-offset: 2px}
[data-testid=stMain] button[kind=tertiary]:is(:hover, :focus, :active, [aria-expanded=true]) {color: inherit !important}
[data-testid=stSkeleton] {opacity: .4}
[class*=st-key-card_] h2 {padding: 2px 0 8px !important}
[data-testid=stMain] button[data-variant=segmented_control] {min-height: 40px}
[data-testid=stDownloadButton] button:disabled {cursor: progress}
[data-testid=stDownloadButton] button:disabled::after {content: "is being made \2026"; margin-left: 6px}
[data-testid=stCode] .token {color: inherit !important}
.st-key-data_tab td {overflow-wrap: anywhere; white-space: normal !important}
.st-key-data_tab td:first-child {overflow-wrap: normal}
.st-key-data_tab td:nth-child(2) {overflow-wrap: break-word; word-break: normal}
[data-table=bars] {container-type: inline-size}
.st-key-card_flow {container: flow / inline-size}
@container flow (max-width: 760px) {.st-key-flow {height: 0 !important; min-height: 0 !important; overflow: hidden; visibility: hidden}}
@container flow (min-width: 761px) {.st-key-instead_flow, [data-testid=stLayoutWrapper]:has(> .st-key-instead_flow) {display: none}}
@container (max-width: 760px) {
[data-table=bars] :is(th, td) {padding-left: 2px !important; padding-right: 2px !important; font-size: 12px}
[data-table=bars] td > div {min-width: 0 !important}
[data-table=bars] [aria-hidden=true] {flex-basis: 28px !important}
}
@container (max-width: 560px) {
[data-table=bars] :is(table, tbody, tr, td, th) {display: block; width: auto !important; position: static !important}
[data-table=bars] table thead {display: none}
[data-table=bars] tbody th {border: 0 !important; padding: 10px 0 2px !important; font-size: 14px; font-weight: 600 !important}
[data-table=bars] tr {border-bottom: 1px solid var(--line)}
[data-table=bars] tr > td {display: grid; grid-template-columns: 52% 1fr; gap: 0 8px; align-items: center; padding: 3px 4px !important; border: 0 !important; font-size: 13px}
[data-table=bars] tr > td:empty {display: none}
[data-table=bars] td::before {content: attr(data-of); grid-row: span 2}
}
.st-key-foot {border-top: 1px solid rgb(135 150 165 / 35%); padding-top: 10px; margin-top: 14px}
#printed {display: none}
@media (max-width: 1599px) {[data-testid=stMain]:has(.st-key-cohort_row) [data-head=count] {display: none}}
@media (max-width: 1439px) {[data-head=product] {display: none}}
@media (max-width: 1279px) {
[data-head=wide] {display: none}
[data-testid=stTopNavLink] > span:has([data-testid=stIconMaterial]) {display: none}
[data-testid=stToolbar] > div > div:last-child {width: auto !important; min-width: 0 !important; flex: none !important}
[data-testid=stStatusWidget] {position: absolute; top: 100%; right: 16px}
[data-testid=stTopNav] {max-width: calc(100% - 44px) !important; width: calc(100% - 44px) !important}
[data-testid=stTopNav] [data-testid=stTopNavLink] {padding: 4px 6px; font-size: 13px}
[data-testid=stTopNav] [data-testid=stTopNavLink] :is(span, p) {font-size: 13px}
.st-key-like_year [data-testid=stHorizontalBlock]:has(> [data-testid=stColumn]) {flex-wrap: wrap}
.st-key-like_year [data-testid=stColumn] {min-width: 100%}
}
@media (max-width: 767px) {
[data-head=count] {display: none}
[data-testid=stMainBlockContainer] {padding: 62px 16px 40px !important}
.st-key-compare_choices [data-testid=stColumn] {min-width: 100% !important}
[data-testid=stExpandSidebarButton] {width: auto !important; color: inherit}
[data-testid=stExpandSidebarButton]::after {content: "Menu"; font-size: 14px; margin-left: 4px; white-space: nowrap}
body:has(.st-key-cohort_row) [data-testid=stExpandSidebarButton]::after {content: "Menu and filters"}
[data-testid=stMain] :is([data-testid=stSelectbox], [data-testid=stButtonGroup]) {display: grid; grid-template-columns: 27% minmax(0, 1fr); gap: 0 6px; align-items: center}
[data-testid=stMain] :is([data-testid=stSelectbox], [data-testid=stButtonGroup]) > label {margin: 0; min-height: 0}
[data-testid=stMain] :is([data-testid=stExpander], [data-testid=stForm], [class*=indicator], .st-key-audit_event, .st-key-own_kept, .st-key-other_generation) [data-testid=stSelectbox] {display: block}
[data-testid=stMain] [data-testid=stSelectbox] input {font-size: 14px}
[data-testid=stMain] [class*=st-key-pick_] [data-testid=stSkeleton] {height: 40px !important}
.st-key-particulars > :is(.st-key-pick_like_diagnosis, .st-key-pick_like_sex, .st-key-pick_like_smoker) {grid-column: span 2; min-height: 40px}
[data-testid=stCode] pre, [data-testid=stCode] code {white-space: pre-wrap !important; overflow-wrap: anywhere}
[class*=st-key-behind_] [data-testid=stExpanderDetails]:has([class*=st-key-card_]) {padding: 10px 0 0 !important}
[class*=st-key-behind_] [class*=st-key-card_] {border-width: 0 !important}
[class*=st-key-behind_] [data-testid=stExpanderDetails]:has([class*=st-key-card_]) > div > :not([class*=st-key-card_], :has(> [class*=st-key-card_])) {padding: 0 15px}
.st-key-cohort_sentence, .st-key-cohort_row {row-gap: 0 !important}
[data-testid=stMain] [data-testid=stElementContainer]:has(> [data-testid=stButtonGroup]) {width: 100% !important}
[data-testid=stMain] [role=radiogroup]:has([data-variant=segmented_control]) {display: flex; flex-wrap: nowrap; max-width: 100%; overflow: visible; mask: none}
[data-testid=stMain] button[data-variant=segmented_control] {flex: 1 1 auto; min-width: min-content; padding: 4px 6px; height: auto; white-space: normal; line-height: 1.25}
[data-testid=stMain] button[data-variant=segmented_control] :is(p, span, div) {white-space: normal; overflow-wrap: normal; word-break: normal; font-size: 13px; overflow: visible; min-width: min-content}
.st-key-card_flow [role=region] :is(th, td) {padding: 6px 4px !important; font-size: 13px; min-width: 0 !important}
.st-key-card_flow [role=region] tr > :first-child {min-width: 150px !important}
.st-key-overview_summary:not(:has(.sentences)) {min-height: 185px}
.st-key-overview_calling:not(:has(.attention)) {min-height: 166px}
.st-key-overview_units {min-height: 70px}
.st-key-overview_summary [data-testid=stSkeleton] {height: 185px !important}
.st-key-overview_units [data-testid=stSkeleton] {height: 70px !important}
.st-key-overview_calling [data-testid=stSkeleton] {height: 166px !important}
.st-key-card_treatments td, .st-key-card_treatments th {padding: 5px 6px 5px 0 !important; font-size: 13px}
.st-key-data_tab :is(td, th) {padding: 4px 6px 4px 0 !important; font-size: 12px; white-space: normal !important}
.st-key-data_tab [data-testid=stColumn] [data-testid=stSkeleton]:not(.st-key-data_codes *) {height: 226px !important}
.st-key-data_tab [data-testid=stColumn] [data-testid=stHtml]:empty {min-height: 226px}
:is(.st-key-audit_turned, .st-key-audit_turned_below):not(:has(p)) {min-height: 82px}
[data-testid=stMarkdownContainer] table {table-layout: fixed; width: 100%; font-size: 11px}
[data-testid=stMarkdownContainer] table :is(th, td) {padding: 3px 2px !important; overflow-wrap: anywhere}
.st-key-injection_compared :is(th, td):nth-child(n + 5) {display: none}
.st-key-other_generation {flex: 1 0 100% !important}
.st-key-head_line {min-height: 46px; column-gap: 8px !important}
.st-key-head_line > [data-testid=stElementContainer]:nth-child(2) {min-width: 118px; min-height: 24px}
.st-key-head_line .st-key-who {max-width: 170px}
.st-key-head_line, [data-head=tag], .actions button {font-size: 12px !important}
.actions button {padding: 1px 6px; min-width: 0}
.actions .copy {min-width: 66px}
}
"""
# Every sheet that the browser prints says whether it may leave; without the filters beside it a chart fits on the paper. What was drawn for the
# dark is turned to dark on white. Only of the root: another element with a filter would keep the fixed line from all sheets but one.
PAPER = """
@page {size: A4 landscape; margin: 8mm}
@media print {
[data-testid=stSidebar], [data-testid=stHeader], .actions, [data-testid=stElementContainer]:has([data-testid=stButton], [data-testid=stDownloadButton]), [data-testid=stFileUploader],
[data-testid=stPopover], [data-testid=stExpander]:not(:has(details[open])), [role=tab][aria-selected=false] {display: none !important}
[data-testid=stMainBlockContainer] {padding: 0 0 28px !important; box-decoration-break: clone; -webkit-box-decoration-break: clone}
[data-testid=stMain] :is([data-testid=stSelectbox], [data-testid=stButtonGroup], [data-testid=stRadio], [data-testid=stNumberInput],
[data-testid=stMultiSelect], [data-testid=stSlider], [data-testid=stTextInput], [data-testid=stDateInput]) {display: none !important}
.chart {min-height: var(--on-paper) !important; height: var(--on-paper) !important}
.chart .svg-container {zoom: var(--shrunk)}
.rows, .rows * {max-height: none !important; overflow: visible !important}
.rows tr {break-inside: avoid}
[data-testid=stTooltipContent] {display: none !important}
#printed {display: block !important; position: fixed; bottom: 0; left: 0; right: 0; z-index: 1000000;
padding: 4px 10px; background: #fff; color: #1c2733; font-size: 11px}
html[data-look=dark], html[data-look=dark] #printed {filter: invert(1) hue-rotate(180deg)}
html[data-look=dark], html[data-look=dark] body {background: transparent !important}
html[data-look=dark] [data-testid=stApp] {background: #000 !important}
}
"""
STYLE = f"<style>{SCREEN}{PAPER}</style>"
