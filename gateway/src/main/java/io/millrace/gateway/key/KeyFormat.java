package io.millrace.gateway.key;

import io.millrace.platform.checkpoint.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a key: {@code mr_<prefix>_<secret>}. The prefix, 10 characters, names the key in
 * lists and logs; the secret has 43 characters of an alphabet of 62, which is 256 bits of chance.
 */
final class KeyFormat {
  private static final String ALPHABET =
      "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final int LOWER = 36;
  private static final Pattern KEY = Pattern.compile("mr_([a-z0-9]{10})_[A-Za-z0-9]{43}");

  private KeyFormat() {}

  static String random(RandomGenerator random) {
    return "mr_" + text(random, 10, LOWER) + "_" + text(random, 43, ALPHABET.length());
  }

  /** The prefix of a key, if it is one. */
  static Optional<String> prefix(String key) {
    Matcher matcher = KEY.matcher(key);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** Whether there is a key anywhere in the text. */
  static boolean isIn(String text) {
    return KEY.matcher(text).find();
  }

  /** A secret of this length needs no slow hash: there is nothing to guess. */
  static byte[] digest(String key) {
    return Sha256.digest().digest(key.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(RandomGenerator random, int length, int letters) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(ALPHABET.charAt(random.nextInt(letters)));
    }
    return text.toString();
  }
}
