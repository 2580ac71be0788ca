package io.millrace.inference.openai;

import io.millrace.inference.compute.Client;
import io.millrace.inference.generate.Completion;
import io.millrace.inference.generate.Completions;
import io.millrace.inference.generate.SpecBuilder;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.UUID;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** OpenAI's completions and chat completions. */
@RestController
class CompletionController {

  private final Completions completions;
  private final SpecBuilder specs;
  private final JsonMapper json;
  private final Clock clock;

  CompletionController(Completions completions, SpecBuilder specs, JsonMapper json, Clock clock) {
    this.completions = completions;
    this.specs = specs;
    this.json = json;
    this.clock = clock;
  }

  @CompletionDescription
  @PostMapping("/v1/completions")
  void complete(@RequestBody CompletionRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    answer(request, response);
  }

  @ChatDescription
  @PostMapping("/v1/chat/completions")
  void chat(@RequestBody ChatRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    answer(request, response);
  }

  private void answer(TextRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    request.requireSupported();
    try (Completion completion =
        completions.start(
            RequestFields.model(request.model()), runtime -> request.specs(runtime, specs))) {
      Client.current().whenLeft(completion::close);
      AnswerShape.Head head =
          request
              .shape()
              .head(
                  UUID.randomUUID().toString().replace("-", ""),
                  clock.instant().getEpochSecond(),
                  completion);
      AnswerWriter writer = new AnswerWriter(json, request.shape(), head, response);
      if (request.streams()) {
        writer.stream(request.usage());
      } else {
        writer.whole();
      }
    }
  }
}
