const CHALLENGE = 'Bearer error="insufficient_user_authentication", error_description="confirm that it is you", acr_values="aal2", max_age="600"';

export function challenge(event, now = Date.now() / 1000) {
    const { acr, auth_time } = event.requestContext.authorizer.lambda;
    if ((acr === 'aal2' || acr === 'phr') && now - Number(auth_time) <= 600) return undefined;
    return { statusCode: 401, headers: { 'www-authenticate': CHALLENGE } };
}
