package io.millrace.gateway.route;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Requests to a name that means several replicas, as a name of Docker Compose or a headless service
 * does: asked in turn, and one to which no connection can be made gives way to the next. A name of
 * one address, and {@code https}, whose certificate is for the name, are asked as they are.
 */
final class ReplicaRequests implements ClientHttpRequestFactory {

  /** All addresses of a name. */
  interface Names {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final ClientHttpRequestFactory requests;
  private final Names names;
  private final AtomicInteger turn = new AtomicInteger();

  ReplicaRequests(ClientHttpRequestFactory requests, Names names) {
    this.requests = requests;
    this.names = names;
  }

  @Override
  public ClientHttpRequest createRequest(URI uri, HttpMethod method) throws IOException {
    List<URI> replicas = replicas(uri);
    return replicas.size() == 1
        ? requests.createRequest(uri, method)
        : new ReplicaRequest(requests, uri, replicas, method);
  }

  private List<URI> replicas(URI uri) throws UnknownHostException {
    if (!"http".equals(uri.getScheme())) {
      return List.of(uri);
    }
    List<URI> replicas = new ArrayList<>();
    for (InetAddress address : names.addresses(uri.getHost())) {
      replicas.add(
          UriComponentsBuilder.fromUri(uri)
              .host(literal(address))
              .build(/* encoded= */ true)
              .toUri());
    }
    Collections.rotate(replicas, turn.getAndIncrement());
    return replicas;
  }

  private static String literal(InetAddress address) {
    String text = address.getHostAddress();
    return text.indexOf(':') < 0 ? text : "[" + text + "]";
  }
}
