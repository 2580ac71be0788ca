package io.millrace.gateway;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * The replicas behind a name that has an address for each, as a name of Docker Compose or a
 * headless service does. A name of one address is one replica, and so is {@code https}, whose
 * certificate is for the name.
 */
public final class Replicas {

  /** All addresses of a name. */
  public interface Names {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final Names names;

  public Replicas(Names names) {
    this.names = names;
  }

  /**
   * The same URI at each replica, in the order of the name's addresses.
   *
   * @throws UnknownHostException if the name has none
   */
  public List<URI> of(URI uri) throws UnknownHostException {
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
    return replicas.size() == 1 ? List.of(uri) : List.copyOf(replicas);
  }

  private static String literal(InetAddress address) {
    String text = address.getHostAddress();
    return text.indexOf(':') < 0 ? text : "[" + text + "]";
  }
}
