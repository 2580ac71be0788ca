package io.millrace.standalone.demo;

import tools.jackson.databind.JsonNode;

/**
 * What a streamed completion said.
 *
 * @param text all pieces joined
 * @param tokens completion tokens by the server's count
 * @param decodeTokensPerSecond speed between the first and the last piece as seen by the client; 0
 *     where fewer than two pieces came
 */
record Completion(String text, int tokens, double decodeTokensPerSecond) {

  static final class Builder {
    private final StringBuilder text = new StringBuilder();
    private long first;
    private long last;
    private int pieces;
    private int tokens;

    void add(JsonNode chunk, long nanos) {
      if (chunk.has("error")) {
        throw new GatewayException("the stream carried an error: " + chunk.get("error"));
      }
      String piece = chunk.path("choices").path(0).path("text").asString("");
      if (!piece.isEmpty()) {
        text.append(piece);
        pieces++;
        last = nanos;
        if (pieces == 1) {
          first = nanos;
        }
      }
      tokens = Math.max(tokens, chunk.path("usage").path("completion_tokens").asInt(0));
    }

    Completion build() {
      double rate = pieces > 1 && tokens > 1 ? (tokens - 1) * 1e9 / (last - first) : 0;
      return new Completion(text.toString(), tokens, rate);
    }
  }
}
