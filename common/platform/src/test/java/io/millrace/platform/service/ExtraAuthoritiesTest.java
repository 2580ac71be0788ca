package io.millrace.platform.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtraAuthoritiesTest {
  @TempDir Path directory;
  private Properties before = new Properties();

  @BeforeEach
  void rememberProperties() {
    before = (Properties) System.getProperties().clone();
  }

  @AfterEach
  void restoreProperties() {
    System.setProperties(before);
  }

  @Test
  void trustsAllOfThemBesideThoseOfTheJvm() throws Exception {
    Path pem = directory.resolve("ca.crt");
    Files.writeString(pem, certificate("one") + certificate("two"));

    ExtraAuthorities.trust(pem);

    assertThat(trusted())
        .hasSizeGreaterThan(20)
        .contains("CN=one", "CN=two")
        .anyMatch(name -> name.contains("DigiCert"));
  }

  @Test
  void saysWhichFileHasNoCertificate() throws Exception {
    Path empty = Files.writeString(directory.resolve("empty.pem"), "");
    Path other = Files.writeString(directory.resolve("other.pem"), "-----BEGIN NOTHING-----\n");
    Path missing = directory.resolve("missing.pem");

    for (Path file : List.of(empty, other, missing)) {
      assertThatThrownBy(() -> ExtraAuthorities.trust(file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("millrace.extra-ca")
          .hasMessageContaining(file.toString());
    }
    assertThat(System.getProperty("javax.net.ssl.trustStore"))
        .isEqualTo(before.getProperty("javax.net.ssl.trustStore"));
  }

  /** Subjects of what a new TLS connection of this JVM would trust. */
  private static List<String> trusted() throws Exception {
    KeyStore store =
        KeyStore.getInstance(
            Path.of(System.getProperty("javax.net.ssl.trustStore")).toFile(),
            System.getProperty("javax.net.ssl.trustStorePassword").toCharArray());
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return Stream.of(factory.getTrustManagers())
        .flatMap(manager -> Stream.of(((X509TrustManager) manager).getAcceptedIssuers()))
        .map(X509Certificate::getSubjectX500Principal)
        .map(Object::toString)
        .toList();
  }

  /** A new authority's certificate as PEM, by the JDK's own tool. */
  private String certificate(String name) throws Exception {
    String store = directory.resolve(name + ".p12").toString();
    keytool("-genkeypair", "-keystore", store, "-alias", name, "-dname", "CN=" + name);
    Path pem = directory.resolve(name + ".pem");
    keytool("-exportcert", "-rfc", "-keystore", store, "-alias", name, "-file", pem.toString());
    return Files.readString(pem);
  }

  private static void keytool(String... arguments) throws Exception {
    List<String> command =
        Stream.concat(
                Stream.concat(
                    Stream.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString()),
                    Stream.of(arguments)),
                Stream.of("-storepass", "changeit"))
            .toList();
    if (command.contains("-genkeypair")) {
      command =
          Stream.concat(command.stream(), Stream.of("-keyalg", "EC", "-ext", "bc=ca:true"))
              .toList();
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
  }
}
