package io.millrace.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An authority and certificates from it, as PEM files of one directory. */
public final class TestCertificates {
  private static final Instant NOW = Instant.now();

  private final Path directory;
  private final X509Bundle authority;

  /** A new authority. */
  public TestCertificates(Path directory, String name) {
    this.directory = directory;
    this.authority =
        build(
            new CertificateBuilder()
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .notBefore(NOW.minus(Duration.ofDays(30)))
                .notAfter(NOW.plus(Duration.ofDays(1))));
    write(ca(), authority.getCertificatePEM());
  }

  /**
   * Somebody's certificate and key.
   *
   * @param certificate file with the certificate and its chain
   * @param key file with the private key, readable by its owner only
   * @param both file with the key, then the certificate
   * @param bundle the same in memory
   */
  public record Identity(Path certificate, Path key, Path both, X509Bundle bundle) {

    /** For a server with this certificate. */
    public SSLContext server() {
      try {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = bundle.toKeyManagerFactory();
        context.init(keys.getKeyManagers(), null, null);
        return context;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** The authority's own certificate. */
  public Path ca() {
    return directory.resolve("ca.pem");
  }

  /** For a server on this machine. */
  public Identity server() {
    return issue("server", onThisMachine());
  }

  /** For a server on this machine, valid until yesterday. */
  public Identity expired() {
    return issue("expired", onThisMachine().notAfter(NOW.minus(Duration.ofDays(1))));
  }

  /** For a server on another machine. */
  public Identity elsewhere() {
    return issue("elsewhere", builder("elsewhere").addSanDnsName("kafka.example.org"));
  }

  /** For a client of that name. */
  public Identity client(String name) {
    return issue(name, builder(name));
  }

  private static CertificateBuilder onThisMachine() {
    return builder("localhost").addSanDnsName("localhost").addSanIpAddress("127.0.0.1");
  }

  private static CertificateBuilder builder(String name) {
    return new CertificateBuilder()
        .subject("CN=" + name)
        .notBefore(NOW.minus(Duration.ofDays(20)))
        .notAfter(NOW.plus(Duration.ofDays(1)));
  }

  private Identity issue(String name, CertificateBuilder certificate) {
    X509Bundle bundle;
    try {
      bundle = certificate.buildIssuedBy(authority);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    Path chain = directory.resolve(name + ".pem");
    Path key = directory.resolve(name + ".key");
    Path both = directory.resolve(name + ".both.pem");
    write(chain, bundle.getCertificatePathPEM());
    write(key, bundle.getPrivateKeyPEM());
    write(both, bundle.getPrivateKeyPEM() + "\n" + bundle.getCertificatePathPEM());
    return new Identity(chain, key, both, bundle);
  }

  private static X509Bundle build(CertificateBuilder certificate) {
    try {
      return certificate.buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(Path file, String content) {
    try {
      Files.writeString(file, content);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
