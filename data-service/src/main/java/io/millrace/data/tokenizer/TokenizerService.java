package io.millrace.data.tokenizer;

import io.millrace.data.log.DatasetLog;
import io.millrace.language.tokenize.BpeTrainer;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.registry.Registry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.SortedMap;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;

/** Gives a text dataset its tokenizer, once: what is packed was packed with it. */
@Service
public class TokenizerService {
  private final Registry registry;
  private final DatasetLog log;
  private final TokenizerStore files;
  private final TokenizerJobs jobs;
  private final ApplicationEventPublisher events;
  private final Clock clock;

  /** On the registry, the cluster and the object store. */
  public TokenizerService(
      Registry registry,
      DatasetLog log,
      TokenizerStore files,
      TokenizerJobs jobs,
      ApplicationEventPublisher events,
      Clock clock) {
    this.registry = registry;
    this.log = log;
    this.files = files;
    this.jobs = jobs;
    this.events = events;
    this.clock = clock;
  }

  /**
   * Begins to train a tokenizer on the documents that the dataset holds now.
   *
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT for the size, FAILED_PRECONDITION if
   *     there is a tokenizer, a job, or no document
   */
  public void train(String name, int vocabSize) {
    DatasetEntry dataset = registry.requireDataset(name);
    Content.Text text = requireText(dataset);
    try {
      BpeTrainer unused = new BpeTrainer(vocabSize, (done, total) -> {});
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid("train.vocab_size", String.valueOf(e.getMessage()));
    }
    TokenizerEntry present = text.tokenizer();
    if (present != null) {
      throw MillraceException.precondition(
          "dataset '%s' has a tokenizer of %d tokens already, and what is packed was packed with it; make another dataset"
              .formatted(name, present.vocabSize()));
    }
    SortedMap<Integer, Long> begins = log.begins(log.names(dataset).documents());
    SortedMap<Integer, Long> ends = log.documentEnds(dataset);
    if (ends.equals(begins)) {
      throw MillraceException.precondition(
          "dataset '%s' has no documents to train a tokenizer on; append some first"
              .formatted(name));
    }
    jobs.add(
        new TokenizerJob(
            name,
            vocabSize,
            List.copyOf(ends.values()),
            TokenizerJob.State.RUNNING,
            0,
            0,
            null,
            clock.instant()));
  }

  /**
   * Sets an existing tokenizer; the one that is set already may be set again.
   *
   * @throws MillraceException NOT_FOUND, INVALID_ARGUMENT if it is none that works here,
   *     FAILED_PRECONDITION if there is another one
   */
  public void upload(String name, String json) {
    Content.Text unused = requireText(registry.requireDataset(name));
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > Tokenizer.MAX_BYTES) {
      throw MillraceException.invalid(
          "tokenizer_json", "tokenizer.json is larger than " + Tokenizer.MAX_BYTES + " bytes");
    }
    TokenizerEntry tokenizer;
    try {
      tokenizer = files.save(bytes);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid(
          "tokenizer_json", "not a tokenizer.json that works here: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot store the tokenizer of " + name, e);
    }
    registry.setTokenizer(name, tokenizer);
    events.publishEvent(new TokenizerSet(name));
  }

  private Content.Text requireText(DatasetEntry dataset) {
    return switch (dataset.content()) {
      case Content.Text text -> text;
      case Content.Pictures _, Content.Rows _ ->
          throw MillraceException.precondition(
              "dataset '%s' holds %s, which need no tokenizer"
                  .formatted(dataset.name(), dataset.content().kind()));
    };
  }
}
