// Answers of the simulated service and of its gateway.

export const json = (status, body, headers = {}) =>
    new Response(JSON.stringify(body), {
        status,
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    });

export const error = (status, code, headers) =>
    json(status, { error: code, error_description: `it is ${code}` }, headers);
export const gateway = (status, message, headers) => json(status, { message }, headers);

/** Returns the refusal of a session that is not strong or fresh enough (RFC 9470). */
export const insufficient = (description = 'authenticate again') => {
    const code = 'insufficient_user_authentication';
    const challenge = `Bearer realm="gatehouse", error="${code}", acr_values="aal2", max_age="600"`;
    const body = { error: code, error_description: description, acr_values: 'aal2', max_age: 600 };
    return json(401, body, { 'www-authenticate': challenge });
};
