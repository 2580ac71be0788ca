package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class StreamedCompletionTest {

  @Test
  void knowsWhetherTheModelHasEndedIt() {
    assertThat(ending("stop").build()).isEqualTo(new StreamedCompletion(12, "", 1, 0, true));
    assertThat(ending("length").build()).isEqualTo(new StreamedCompletion(12, "", 1, 0, false));
  }

  private static StreamedCompletion.Builder ending(String reason) {
    StreamedCompletion.Builder completion = new StreamedCompletion.Builder();
    completion.add(
        JsonMapper.shared()
            .readTree(
                """
                {"system_fingerprint": "v12-0123456789abcdef",
                 "choices": [{"text": "", "finish_reason": "%s"}],
                 "usage": {"completion_tokens": 1}}
                """
                    .formatted(reason)),
        /* nanos= */ 7);
    return completion;
  }

  @Test
  void hasNoRateWhereAllPiecesCameAtOnce() {
    StreamedCompletion.Builder completion = new StreamedCompletion.Builder();
    for (String piece : new String[] {"a", "b"}) {
      completion.add(
          JsonMapper.shared()
              .readTree(
                  """
                  {"system_fingerprint": "v12-0123456789abcdef", "choices": [{"text": "%s"}],
                   "usage": {"completion_tokens": 2}}
                  """
                      .formatted(piece)),
          /* nanos= */ 7);
    }
    assertThat(completion.build()).isEqualTo(new StreamedCompletion(12, "ab", 2, 0, false));
  }
}
