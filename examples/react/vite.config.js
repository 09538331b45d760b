import react from '@vitejs/plugin-react';

const service = process.env.GATEHOUSE_URL ?? 'http://localhost:3000';

// For the browser, the page and the service have one origin.
export default {
    plugins: [react()],
    server: { strictPort: true, proxy: { '/auth/': service, '/.well-known/': service } },
};
