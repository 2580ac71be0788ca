package io.millrace.inference.openai;

import io.millrace.inference.generate.Completion;
import io.millrace.inference.generate.CompletionSpec;
import io.millrace.inference.generate.Completions;
import io.millrace.inference.generate.Piece;
import io.millrace.inference.generate.SpecBuilder;
import io.millrace.inference.generate.SpecBuilder.Wishes;
import io.millrace.inference.runtime.LanguageRuntime;
import io.millrace.platform.error.ErrorWriter;
import io.millrace.platform.error.MillraceException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** OpenAI's completions and chat completions. */
@RestController
class CompletionController {

  private static final Logger LOG = LoggerFactory.getLogger(CompletionController.class);

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

  @PostMapping("/v1/completions")
  void complete(@RequestBody CompletionRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    request.requireSupported();
    boolean stream = Boolean.TRUE.equals(request.stream());
    RequestFields.optionsNeedStream(stream, request.streamOptions());
    Completion completion =
        completions.start(RequestFields.model(request.model()), runtime -> spec(runtime, request));
    boolean usage = RequestFields.usage(request.streamOptions());
    answer(AnswerShape.COMPLETION, completion, stream, usage, response);
  }

  @PostMapping("/v1/chat/completions")
  void chat(@RequestBody ChatRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    request.requireSupported();
    boolean stream = Boolean.TRUE.equals(request.stream());
    RequestFields.optionsNeedStream(stream, request.streamOptions());
    Completion completion =
        completions.start(RequestFields.model(request.model()), runtime -> spec(runtime, request));
    boolean usage = RequestFields.usage(request.streamOptions());
    answer(AnswerShape.CHAT, completion, stream, usage, response);
  }

  private CompletionSpec spec(LanguageRuntime runtime, CompletionRequest request) {
    JsonNode prompt = request.prompt();
    int[] ids;
    if (prompt != null && prompt.isString()) {
      ids = runtime.encodePrompt("prompt", prompt.asString());
    } else if (prompt != null && prompt.isArray()) {
      ids = RequestFields.ids("prompt", prompt, runtime.tokenizer().vocabSize());
    } else {
      throw MillraceException.invalid("prompt", "prompt must be a text or a list of token ids");
    }
    return specs.build(
        runtime.model().contextLength(),
        ids,
        new Wishes(
            "prompt",
            request.maxTokens(),
            "max_tokens",
            request.temperature(),
            request.topP(),
            request.topK(),
            request.seed(),
            Boolean.TRUE.equals(request.echo()) ? echo(runtime, prompt, ids) : "",
            RequestFields.stop(request.stop())));
  }

  private static String echo(LanguageRuntime runtime, JsonNode prompt, int[] ids) {
    return prompt.isString() ? prompt.asString() : runtime.tokenizer().decode(ids);
  }

  private CompletionSpec spec(LanguageRuntime runtime, ChatRequest request) {
    Integer newer = request.maxCompletionTokens();
    if (newer != null && request.maxTokens() != null) {
      throw MillraceException.invalid(
          "max_tokens", "max_tokens and max_completion_tokens mean the same; send one of them");
    }
    return specs.build(
        runtime.model().contextLength(),
        Conversation.prompt(runtime, request.messages()),
        new Wishes(
            "messages",
            newer == null ? request.maxTokens() : newer,
            newer == null ? "max_tokens" : "max_completion_tokens",
            request.temperature(),
            request.topP(),
            request.topK(),
            request.seed(),
            "",
            RequestFields.stop(request.stop())));
  }

  private void answer(
      AnswerShape shape,
      Completion completion,
      boolean stream,
      boolean usage,
      HttpServletResponse response)
      throws IOException, InterruptedException {
    try (completion) {
      AnswerShape.Head head =
          shape.head(
              UUID.randomUUID().toString().replace("-", ""),
              clock.instant().getEpochSecond(),
              completion);
      if (stream) {
        try {
          stream(shape, head, usage, response);
        } catch (EventStream.ClientGoneException e) {
          LOG.debug("the client of {} has gone", head.id(), e);
        }
      } else {
        whole(shape, head, response);
      }
    }
  }

  private void whole(AnswerShape shape, AnswerShape.Head head, HttpServletResponse response)
      throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    while (true) {
      switch (head.completion().take()) {
        case Piece.Text(String more, int _) -> text.append(more);
        case Piece.End(Piece.FinishReason reason, int tokens) -> {
          response.setContentType("application/json");
          response
              .getOutputStream()
              .write(
                  json.writeValueAsBytes(
                      shape.answer(head, text.toString(), reason.code(), tokens)));
          return;
        }
        case Piece.Failed(Throwable cause) -> throw failure(cause);
      }
    }
  }

  private void stream(
      AnswerShape shape, AnswerShape.Head head, boolean usage, HttpServletResponse response)
      throws IOException, InterruptedException {
    EventStream events = new EventStream(json, response);
    boolean first = true;
    while (true) {
      switch (head.completion().take()) {
        case Piece.Text(String text, int _) -> {
          events.send(shape.chunk(head, text, first, null));
          first = false;
        }
        case Piece.End(Piece.FinishReason reason, int tokens) -> {
          events.send(shape.chunk(head, "", first, reason.code()));
          if (usage) {
            events.send(shape.usageChunk(head, tokens));
          }
          events.done();
          return;
        }
        case Piece.Failed(Throwable cause) -> {
          if (first) {
            response.reset();
            throw failure(cause);
          }
          // The status is on its way already: the stream itself must say it.
          events.send(ErrorWriter.envelope(cause));
          events.done();
          return;
        }
      }
    }
  }

  private static RuntimeException failure(@Nullable Throwable cause) {
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }
}
