// The functions behind the two APIs. They answer with who calls.
exports.http = async (event) => {
  const { sub, role } = event.requestContext.authorizer.lambda;
  return { sub, role };
};

exports.rest = async (event) => {
  const { sub, role } = event.requestContext.authorizer;
  return {
    statusCode: 200,
    headers: { 'Access-Control-Allow-Origin': process.env.ALLOWED_ORIGIN },
    body: JSON.stringify({ sub, role }),
  };
};
