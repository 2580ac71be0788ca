package io.millrace.gateway.route;

import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.springframework.cloud.gateway.server.mvc.config.GatewayMvcProperties;
import org.springframework.cloud.gateway.server.mvc.handler.RestClientProxyExchange;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.RestClient;

/**
 * Passes bodies on, and lets go of the service as soon as the client has gone: closing an answer
 * normally reads it to its end first, and a model would go on writing for nobody.
 */
final class StreamingExchange extends RestClientProxyExchange {

  StreamingExchange(RestClient client, GatewayMvcProperties properties) {
    super(client, properties);
  }

  @Override
  protected int copyResponseBody(
      ClientHttpResponse response, InputStream input, OutputStream output) throws IOException {
    try {
      if (MediaType.TEXT_EVENT_STREAM.equalsTypeAndSubtype(
          response.getHeaders().getContentType())) {
        // Status and headers at once: the first event may take its time.
        output.flush();
      }
      return super.copyResponseBody(response, new ServiceAnswer(input), output);
    } catch (IOException | MillraceException e) {
      input.close();
      throw e;
    }
  }
}
