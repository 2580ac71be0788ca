package io.millrace.standalone.demo;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What a streamed completion said.
 *
 * @param version of the model that answered, 0 if the answer does not say
 * @param text all pieces joined
 * @param tokens completion tokens by the server's count
 * @param decodeTokensPerSecond speed between the first and the last piece as seen by the client; 0
 *     where fewer than two pieces came, or all at the same time
 * @param ended whether the model has ended it, rather than the limit of tokens
 */
record StreamedCompletion(
    long version, String text, int tokens, double decodeTokensPerSecond, boolean ended) {

  private static final Pattern FINGERPRINT = Pattern.compile("v(\\d{1,18})-.*");

  static final class Builder {
    private final StringBuilder text = new StringBuilder();
    private long first;
    private long last;
    private int tokens;
    private long version;
    private boolean ended;

    void add(JsonNode chunk, long nanos) {
      if (chunk.has("error")) {
        throw new GatewayException("the stream carried an error: " + chunk.get("error"));
      }
      Matcher fingerprint = FINGERPRINT.matcher(chunk.path("system_fingerprint").asString(""));
      if (fingerprint.matches()) {
        version = Long.parseLong(fingerprint.group(1));
      }
      JsonNode choice = chunk.path("choices").path(0);
      String piece =
          choice.path("text").asString(choice.path("delta").path("content").asString(""));
      if (!piece.isEmpty()) {
        if (text.isEmpty()) {
          first = nanos;
        }
        text.append(piece);
        last = nanos;
      }
      ended |= choice.path("finish_reason").asString("").equals("stop");
      tokens = Math.max(tokens, chunk.path("usage").path("completion_tokens").asInt(0));
    }

    StreamedCompletion build() {
      double rate = last > first && tokens > 1 ? (tokens - 1) * 1e9 / (last - first) : 0;
      return new StreamedCompletion(version, text.toString(), tokens, rate, ended);
    }
  }
}
