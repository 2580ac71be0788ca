package io.millrace.platform.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.HexFormat;

/**
 * Certificates of authorities that the JVM's default trust is extended by: a company's own, for S3,
 * token servers and collectors of traces. Kafka and PostgreSQL have settings of their own.
 */
final class ExtraAuthorities {
  private static final String STORE = "javax.net.ssl.trustStore";

  private ExtraAuthorities() {}

  /**
   * Makes a store of the JVM's own authorities and these, and lets the JVM trust it.
   *
   * @param pem certificates, one after the other
   * @throws IllegalArgumentException if the file has no certificate or cannot be read, naming it
   */
  static void trust(Path pem) {
    Collection<? extends Certificate> authorities = read(pem);
    // Protects nothing, for the certificates are public; the format wants one.
    String password = password();
    try {
      KeyStore trusted = defaults();
      int number = 0;
      for (Certificate authority : authorities) {
        trusted.setCertificateEntry("extra-" + number++, authority);
      }
      Path store = Files.createTempFile("truststore", ".p12");
      store.toFile().deleteOnExit();
      try (OutputStream out = Files.newOutputStream(store)) {
        trusted.store(out, password.toCharArray());
      }
      System.setProperty(STORE, store.toString());
      System.setProperty(STORE + "Type", "PKCS12");
      System.setProperty(STORE + "Password", password);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a store of trusted certificates", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot extend the certificates that the JVM trusts", e);
    }
  }

  private static Collection<? extends Certificate> read(Path pem) {
    try (InputStream in = Files.newInputStream(pem)) {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new IllegalArgumentException(
            "millrace.extra-ca: there is no certificate in " + pem + "; PEM is expected");
      }
      return certificates;
    } catch (IOException | CertificateException e) {
      throw new IllegalArgumentException(
          "millrace.extra-ca: cannot read certificates (PEM) from " + pem + ": " + e, e);
    }
  }

  private static KeyStore defaults() throws GeneralSecurityException, IOException {
    KeyStore all = KeyStore.getInstance("PKCS12");
    all.load(null, null);
    KeyStore own =
        KeyStore.getInstance(
            Path.of(System.getProperty("java.home"), "lib", "security", "cacerts").toFile(),
            (char[]) null);
    for (String alias : java.util.Collections.list(own.aliases())) {
      if (own.isCertificateEntry(alias)) {
        all.setCertificateEntry(alias, own.getCertificate(alias));
      }
    }
    return all;
  }

  private static String password() {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
