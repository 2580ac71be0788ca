package io.millrace.platform.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.millrace.embedded.Ports;
import io.millrace.platform.S3Settings;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.ObjectStore.IfPresent;
import io.millrace.testing.S3Server;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** What is wrong with a bucket is said at the start, with the setting that is to blame. */
class S3StartTest {
  @TempDir private Path directory;
  private final URI endpoint = TestServers.s3().endpoint();
  private final String bucket = TestServers.freshBucket();

  @BeforeEach
  void giveCredentials() {
    S3Server.credentials().forEach(System::setProperty);
  }

  @AfterEach
  void takeThemBack() {
    S3Server.credentials().keySet().forEach(System::clearProperty);
  }

  @Test
  void opensABucketAgainAndAgain() throws IOException {
    for (int start = 0; start < 3; start++) {
      try (S3ObjectStore store = S3ObjectStore.open(settings(bucket, "a/b", "", endpoint))) {
        store.put("m/" + start, new byte[1], IfPresent.FAIL);
        assertThat(store.list("m")).hasSize(start + 1);
      }
    }
  }

  @Test
  void namesTheBucketThatIsNotThere() {
    refuses(
        settings("no-such-bucket", "", "", endpoint),
        "there is no bucket no-such-bucket at " + endpoint,
        "millrace.objects.s3.bucket");
  }

  @Test
  void namesTheBucketThatIsNotSet() {
    refuses(settings("", "", "", endpoint), "millrace.objects.s3.bucket must be set");
  }

  @Test
  void namesThePrefixThatIsNone() {
    refuses(settings(bucket, "a/", "", endpoint), "millrace.objects.s3.prefix is 'a/'");
  }

  @Test
  void namesTheRegionThatIsNotThere() {
    System.setProperty("aws.disableEc2Metadata", "true");
    try {
      refuses(settings(bucket, "", "", null), "millrace.objects.s3.region must be set");
    } finally {
      System.clearProperty("aws.disableEc2Metadata");
    }
  }

  @Test
  void namesTheEndpointThatIsNoAddress() {
    refuses(
        settings(bucket, "", "", URI.create("minio:9000")),
        "millrace.objects.s3.endpoint is 'minio:9000'");
  }

  @Test
  void namesTheEndpointWhereNobodyListens() {
    URI nobody = URI.create("http://127.0.0.1:" + Ports.free());
    refuses(
        settings(bucket, "", "", nobody),
        nobody.toString(),
        "Connection refused",
        "millrace.objects.s3.endpoint");
  }

  @Test
  void saysThatCredentialsAreWrong() {
    System.setProperty("aws.secretAccessKey", "another-secret-key");

    refuses(
        settings(bucket, "", "", endpoint), "403 SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY");
  }

  @Test
  void saysThatThereAreNoCredentials() {
    takeThemBack();
    System.setProperty("aws.disableEc2Metadata", "true");
    try {
      refuses(settings(bucket, "", "", endpoint), "no credentials", "AWS_ACCESS_KEY_ID");
    } finally {
      System.clearProperty("aws.disableEc2Metadata");
    }
  }

  @Test
  void saysThatCredentialsDoNotPermitIt() throws IOException {
    try (Answers server =
        new Answers(
            403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")) {
      refuses(
          settings(bucket, "", "", server.address()),
          "403 AccessDenied",
          "millrace.objects.s3.bucket",
          "docs/operations/object-store.md");
    }
  }

  @Test
  void saysThatAnotherRegionIsMeant() throws IOException {
    try (Answers server =
        new Answers(
            400,
            "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The region is wrong"
                + "</Message></Error>")) {
      refuses(settings(bucket, "", "eu-1", server.address()), "millrace.objects.s3.region");
    }
  }

  @Test
  void saysThatSomethingElseAnswers() throws IOException {
    try (Answers server = new Answers(404, "<html>nothing here</html>")) {
      refuses(
          settings(bucket, "", "", server.address()),
          "answered 404",
          "millrace.objects.s3.endpoint");
    }
  }

  @Test
  void refusesAServerThatIgnoresConditions() throws IOException {
    try (Answers server =
        new Answers(200, "<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>")) {
      refuses(
          settings(bucket, "", "", server.address()),
          "ignores If-None-Match",
          "millrace.objects.s3.endpoint");
    }
  }

  private void refuses(S3Settings settings, String... parts) {
    assertThatThrownBy(() -> S3ObjectStore.open(settings))
        .isInstanceOfSatisfying(
            MillraceException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContainingAll(parts)
        .hasMessageNotContaining(S3Server.SECRET_KEY);
  }

  private S3Settings settings(String bucket, String prefix, String region, @Nullable URI endpoint) {
    return new S3Settings(
        bucket, prefix, region, endpoint, true, directory, DataSize.ofMegabytes(1));
  }

  /** A server that answers everything alike: what the real one here never says. */
  private static final class Answers implements AutoCloseable {
    private final HttpServer server;

    Answers(int status, String body) throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      server.createContext(
          "/",
          exchange -> {
            try (exchange) {
              exchange.getRequestBody().readAllBytes();
              exchange.getResponseHeaders().add("Content-Type", "application/xml");
              exchange.sendResponseHeaders(status, bytes.length);
              exchange.getResponseBody().write(bytes);
            }
          });
      server.start();
    }

    URI address() {
      return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
