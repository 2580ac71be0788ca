package io.millrace.platform.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.millrace.testing.TestCertificates;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/** Gives signed tokens to one client, over https, and tells by a file whose signatures they are. */
final class TokenServer implements AutoCloseable {
  static final String CLIENT = "training";
  static final String SECRET = "client-secret-0815";
  static final String AUDIENCE = "kafka";

  private static final String CREDENTIALS =
      "Basic " + Base64.getEncoder().encodeToString((CLIENT + ":" + SECRET).getBytes(UTF_8));

  private final HttpsServer server;
  private final KeyPair keys;

  TokenServer(TestCertificates.Identity identity) throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    keys = generator.generateKeyPair();
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(identity.server()));
    server.createContext(
        "/token",
        exchange -> {
          try (exchange) {
            String asked = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            boolean known =
                CREDENTIALS.equals(exchange.getRequestHeaders().getFirst("Authorization"))
                    && asked.contains("grant_type=client_credentials")
                    && asked.contains("scope=events");
            byte[] answer =
                (known
                        ? "{\"access_token\":\"%s\",\"expires_in\":600}".formatted(token())
                        : "{\"error\":\"invalid_client\"}")
                    .getBytes(UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(known ? 200 : 401, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
  }

  URI tokenUrl() {
    return URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/token");
  }

  /** The public key as brokers read it. */
  Path writeKeys(Path file) throws IOException {
    RSAPublicKey key = (RSAPublicKey) keys.getPublic();
    return Files.writeString(
        file,
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"test\",\"alg\":\"RS256\",\"use\":\"sig\",\"n\":\"%s\",\"e\":\"%s\"}]}"
            .formatted(number(key.getModulus()), number(key.getPublicExponent())));
  }

  private String token() {
    long now = Instant.now().getEpochSecond();
    String unsigned =
        part("{\"alg\":\"RS256\",\"kid\":\"test\"}")
            + "."
            + part(
                "{\"sub\":\"%s\",\"aud\":\"%s\",\"scope\":\"events\",\"iat\":%d,\"exp\":%d}"
                    .formatted(CLIENT, AUDIENCE, now, now + 600));
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(keys.getPrivate());
      signature.update(unsigned.getBytes(UTF_8));
      return unsigned
          + "."
          + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String part(String json) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
  }

  private static String number(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int from = bytes[0] == 0 ? 1 : 0;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Arrays.copyOfRange(bytes, from, bytes.length));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
