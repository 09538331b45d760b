/**
 * The token of the link in an email. It leaves the address bar before any other script of the page runs, and is kept in
 * memory only.
 * @module
 */

export const token = new URLSearchParams(location.search).get('token');
history.replaceState(null, '', location.pathname);
