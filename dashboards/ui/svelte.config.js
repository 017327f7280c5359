/** Nothing to configure: styles are plain CSS, scripts are TypeScript that Svelte strips itself. */
export default {};
