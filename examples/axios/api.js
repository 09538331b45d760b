import axios from 'axios';

/** Makes an axios instance that sends the access token of `auth` to one API. */
export const createApi = (auth, baseURL) => {
    // With absolute URLs, one call could send the token to another host.
    const api = axios.create({ baseURL, allowAbsoluteUrls: false });
    api.interceptors.request.use(async (config) => {
        config.token ??= await auth.getToken();
        config.sid ??= auth.session?.sid;
        if (config.token) config.headers.set('Authorization', `Bearer ${config.token}`);
        return config;
    });
    api.interceptors.response.use(undefined, async (error) => {
        const { config, response } = error;
        if (!config?.token || config.isRepeated || !isRefusal(response)) throw error;
        const token = await auth.getToken(config.token);
        // The same token again is valid, so the route is forbidden. Another user's token must not repeat the request.
        if (!token || token === config.token || auth.session?.sid !== config.sid) throw error;
        return api.request({ ...config, token, isRepeated: true });
    });
    return api;
};

/** Returns whether an answer refuses the token. Other errors of the service show that it was accepted. */
const isRefusal = ({ status, data } = {}) =>
    (status === 401 && !['invalid_grant', 'login_required'].includes(data?.error)) ||
    (status === 403 && [undefined, 'invalid_token'].includes(data?.error));
