package io.millrace.gateway.route;

import io.millrace.gateway.Replicas;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * Requests to a name that means several {@link Replicas}: asked in turn, and one to which no
 * connection can be made gives way to the next.
 */
final class ReplicaRequests implements ClientHttpRequestFactory {
  private final ClientHttpRequestFactory requests;
  private final Replicas replicas;
  private final AtomicInteger turn = new AtomicInteger();

  ReplicaRequests(ClientHttpRequestFactory requests, Replicas replicas) {
    this.requests = requests;
    this.replicas = replicas;
  }

  @Override
  public ClientHttpRequest createRequest(URI uri, HttpMethod method) throws IOException {
    List<URI> places = new ArrayList<>(replicas.of(uri));
    if (places.size() == 1) {
      return requests.createRequest(uri, method);
    }
    Collections.rotate(places, turn.getAndIncrement());
    return new ReplicaRequest(requests, uri, places, method);
  }
}
