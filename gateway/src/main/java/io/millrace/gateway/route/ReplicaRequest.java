package io.millrace.gateway.route;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

/**
 * A request that is sent to the first replica to which a connection can be made. Its body is read
 * once, after that: nothing has been sent to a replica that is given up.
 */
final class ReplicaRequest implements ClientHttpRequest, StreamingHttpOutputMessage {
  private final ClientHttpRequestFactory requests;
  private final URI uri;
  private final List<URI> replicas;
  private final HttpMethod method;
  private final HttpHeaders headers = new HttpHeaders();
  private final Map<String, Object> attributes = new HashMap<>();
  private @Nullable Body body;

  ReplicaRequest(
      ClientHttpRequestFactory requests, URI uri, List<URI> replicas, HttpMethod method) {
    this.requests = requests;
    this.uri = uri;
    this.replicas = replicas;
    this.method = method;
  }

  @Override
  public ClientHttpResponse execute() throws IOException {
    IOException unreachable = null;
    for (URI replica : replicas) {
      ClientHttpRequest request = requests.createRequest(replica, method);
      request.getHeaders().putAll(headers);
      request.getAttributes().putAll(attributes);
      if (body != null && request instanceof StreamingHttpOutputMessage streaming) {
        streaming.setBody(body);
      } else if (body != null) {
        body.writeTo(request.getBody());
      }
      try {
        return request.execute();
      } catch (ConnectException | HttpConnectTimeoutException e) {
        if (unreachable != null) {
          e.addSuppressed(unreachable);
        }
        unreachable = e;
      }
    }
    throw unreachable == null ? new ConnectException("no replica of " + uri) : unreachable;
  }

  @Override
  public void setBody(Body body) {
    this.body = body;
  }

  /** What is written there is the body, kept in memory. */
  @Override
  public OutputStream getBody() {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    this.body = written::writeTo;
    return written;
  }

  @Override
  public HttpHeaders getHeaders() {
    return headers;
  }

  @Override
  public HttpMethod getMethod() {
    return method;
  }

  @Override
  public URI getURI() {
    return uri;
  }

  @Override
  public Map<String, Object> getAttributes() {
    return attributes;
  }
}
