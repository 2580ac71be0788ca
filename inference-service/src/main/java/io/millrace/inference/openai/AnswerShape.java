package io.millrace.inference.openai;

import io.millrace.inference.generate.Completion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON of completions and of chat completions, whole and in chunks. */
enum AnswerShape {
  COMPLETION("text_completion", "text_completion", "cmpl-") {
    @Override
    Map<String, Object> whole(String text) {
      return Map.of("text", text);
    }

    @Override
    Map<String, Object> piece(String text, boolean first) {
      return Map.of("text", text);
    }
  },
  CHAT("chat.completion", "chat.completion.chunk", "chatcmpl-") {
    @Override
    Map<String, Object> whole(String text) {
      return Map.of("message", Map.of("role", "assistant", "content", text));
    }

    @Override
    Map<String, Object> piece(String text, boolean first) {
      Map<String, Object> delta = new LinkedHashMap<>();
      if (first) {
        delta.put("role", "assistant");
      }
      if (!text.isEmpty()) {
        delta.put("content", text);
      }
      return Map.of("delta", delta);
    }
  };

  private final String object;
  private final String chunkObject;
  private final String prefix;

  AnswerShape(String object, String chunkObject, String prefix) {
    this.object = object;
    this.chunkObject = chunkObject;
    this.prefix = prefix;
  }

  abstract Map<String, Object> whole(String text);

  abstract Map<String, Object> piece(String text, boolean first);

  /** What all chunks of an answer have in common. */
  record Head(String id, long created, Completion completion) {}

  Head head(String uuid, long created, Completion completion) {
    return new Head(prefix + uuid, created, completion);
  }

  /** A choice of a whole answer. */
  Map<String, Object> choice(int index, String text, @Nullable String finishReason) {
    return choice(index, whole(text), finishReason);
  }

  Map<String, Object> answer(Head head, List<Object> choices, int tokens) {
    Map<String, Object> answer = frame(head, object);
    answer.put("choices", choices);
    answer.put("usage", usage(head.completion(), tokens));
    return answer;
  }

  Map<String, Object> chunk(
      Head head, int index, String text, boolean first, @Nullable String finishReason) {
    Map<String, Object> chunk = frame(head, chunkObject);
    chunk.put("choices", List.of(choice(index, piece(text, first), finishReason)));
    return chunk;
  }

  Map<String, Object> usageChunk(Head head, int tokens) {
    Map<String, Object> chunk = frame(head, chunkObject);
    chunk.put("choices", List.of());
    chunk.put("usage", usage(head.completion(), tokens));
    return chunk;
  }

  private static Map<String, Object> frame(Head head, String object) {
    Map<String, Object> frame = new LinkedHashMap<>();
    frame.put("id", head.id());
    frame.put("object", object);
    frame.put("created", head.created());
    frame.put("model", head.completion().version().model());
    // Version and digest of the weights that answer.
    frame.put(
        "system_fingerprint",
        "v%d-%s"
            .formatted(
                head.completion().version().version(),
                head.completion().version().manifestSha256().substring(0, 16)));
    return frame;
  }

  private static Map<String, Object> choice(
      int index, Map<String, Object> content, @Nullable String finishReason) {
    Map<String, Object> choice = new LinkedHashMap<>();
    choice.put("index", index);
    choice.putAll(content);
    choice.put("logprobs", null);
    choice.put("finish_reason", finishReason);
    return choice;
  }

  private static Map<String, Object> usage(Completion completion, int tokens) {
    Map<String, Object> usage = new LinkedHashMap<>();
    usage.put("prompt_tokens", completion.promptTokens());
    usage.put("completion_tokens", tokens);
    usage.put("total_tokens", completion.promptTokens() + tokens);
    return usage;
  }
}
