package io.millrace.platform.security;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The proof that a call came through the gateway, and for whom: {@code
 * base64url(principal).expiry.base64url(HMAC-SHA256(principal|expiry))}, expiry in seconds since
 * 1970. Services trust nothing else that a request says about its sender.
 */
public final class InternalToken {
  /** HTTP header and, in lower case, gRPC metadata key. */
  public static final String HEADER = "X-Millrace-Token";

  private static final String ALGORITHM = "HmacSHA256";

  /** Behind the principal, in what is signed; no principal has a line break. */
  private static final String ADMINISTRATOR = "\nadministrator";

  private static final int MAX_LENGTH = 1024;
  private static final Pattern TOKEN =
      Pattern.compile("([A-Za-z0-9_-]+)\\.(\\d{1,12})\\.([A-Za-z0-9_-]{43})");

  private final SecretKeySpec key;
  private final Duration validity;
  private final Clock clock;

  /**
   * Issues and checks tokens.
   *
   * @param secret the same in all services
   * @param validity how long an issued token is good for
   */
  public InternalToken(String secret, Duration validity, Clock clock) {
    this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    this.validity = validity;
    this.clock = clock;
  }

  /** A token for a principal, e.g. {@code key:3f9c}. */
  public String issue(String principal) {
    return issue(principal, /* administrator= */ false);
  }

  /**
   * A token for a principal, e.g. {@code key:3f9c}.
   *
   * @param administrator whether it may do what only administrators may
   */
  public String issue(String principal, boolean administrator) {
    return issueFor(administrator ? principal + ADMINISTRATOR : principal);
  }

  private String issueFor(String principal) {
    String expiry = Long.toString(clock.instant().plus(validity).getEpochSecond());
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    return base64.encodeToString(principal.getBytes(StandardCharsets.UTF_8))
        + "."
        + expiry
        + "."
        + base64.encodeToString(mac(principal, expiry));
  }

  /**
   * The principal of a token.
   *
   * @throws MillraceException UNAUTHENTICATED if the token is malformed, forged or expired; the
   *     message does not tell which of the first two
   */
  public String verify(String token) {
    return verifyCaller(token).principal();
  }

  /**
   * Who a token is for.
   *
   * @throws MillraceException as {@link #verify}
   */
  public Caller verifyCaller(String token) {
    String principal = verified(token);
    boolean administrator = principal.endsWith(ADMINISTRATOR);
    return new Caller(
        administrator
            ? principal.substring(0, principal.length() - ADMINISTRATOR.length())
            : principal,
        administrator);
  }

  private String verified(String token) {
    Matcher parts = TOKEN.matcher(token);
    if (token.length() > MAX_LENGTH || !parts.matches()) {
      throw refused("internal token is not valid");
    }
    String principal;
    byte[] claimed;
    try {
      principal = new String(Base64.getUrlDecoder().decode(parts.group(1)), StandardCharsets.UTF_8);
      claimed = Base64.getUrlDecoder().decode(parts.group(3));
    } catch (IllegalArgumentException e) {
      throw refused("internal token is not valid");
    }
    if (!MessageDigest.isEqual(claimed, mac(principal, parts.group(2)))) {
      throw refused("internal token is not valid");
    }
    if (!clock.instant().isBefore(Instant.ofEpochSecond(Long.parseLong(parts.group(2))))) {
      throw refused("internal token has expired");
    }
    return principal;
  }

  private byte[] mac(String principal, String expiry) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal((principal + "|" + expiry).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  private static MillraceException refused(String message) {
    return new MillraceException(ErrorCode.UNAUTHENTICATED, message);
  }
}
