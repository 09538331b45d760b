const service = process.env.GATEHOUSE_URL ?? 'http://localhost:3000';

// For the browser, the page and the service have one origin. Without the slash after `auth`, the proxy would take
// `/auth.js` as well.
export default { server: { strictPort: true, proxy: { '/auth/': service, '/.well-known/': service } } };
