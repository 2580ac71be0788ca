package io.millrace.simulation;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.training.stream.RecordFormat;
import io.millrace.training.task.BaseModel;
import io.millrace.training.task.Preset;
import io.millrace.training.task.Start;
import io.millrace.training.task.StepResult;
import io.millrace.training.task.Task;
import io.millrace.training.task.TaskContext;
import io.millrace.training.task.TrainingTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A task whose weights are all the tokens that they learned from, in their order. */
final class CountingTask implements Task<CountingTask.NoOptions> {
  static final String NAME = "language";

  /** There is nothing to choose. */
  record NoOptions() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public NoOptions standard() {
    return new NoOptions();
  }

  @Override
  public String items() {
    return "tokens";
  }

  @Override
  public List<String> series() {
    return List.of();
  }

  @Override
  public List<Preset> presets() {
    return List.of(new Preset("counting", /* folder= */ null, 1, 0.1));
  }

  @Override
  public void requireSuitable(Preset preset, DatasetEntry dataset, NoOptions options) {}

  @Override
  public void requireSuitable(BaseModel model, DatasetEntry dataset, NoOptions options) {}

  @Override
  public TrainingTask<?, ?> open(TaskContext<NoOptions> context, Start start) throws IOException {
    return switch (start) {
      case Start.Fresh _ -> new Counting(new ArrayList<>());
      case Start.Resumed resumed -> new Counting(CountedTokens.read(resumed.folder()));
      case Start.From from -> new Counting(CountedTokens.read(from.model()));
    };
  }

  private record Counting(List<Integer> seen)
      implements TrainingTask<PackedSequence, List<Integer>> {
    @Override
    public RecordFormat<PackedSequence, List<Integer>> format() {
      return new Tokens();
    }

    @Override
    public long items(List<Integer> batch) {
      return batch.size();
    }

    @Override
    public int batches() {
      return 1;
    }

    @Override
    public StepResult step(List<List<Integer>> batches, double learningRate) {
      batches.forEach(seen::addAll);
      return new StepResult(1.0 / seen.size(), Map.of(), Map.of());
    }

    @Override
    public Evaluation<List<Integer>> evaluate() {
      List<Integer> heldout = new ArrayList<>();
      return new Evaluation<>() {
        @Override
        public void add(List<Integer> batch) {
          heldout.addAll(batch);
        }

        @Override
        public Map<String, Double> figures() {
          return Map.of("heldout_loss", 1.0 / (1 + heldout.size()));
        }
      };
    }

    @Override
    public Map<String, Double> figures() {
      return Map.of();
    }

    @Override
    public void save(Path directory) throws IOException {
      CountedTokens.write(seen, directory);
    }

    @Override
    public void close() {}
  }

  /** Packed sequences as their tokens. */
  private static final class Tokens implements RecordFormat<PackedSequence, List<Integer>> {
    @Override
    public PackedSequence parse(byte[] value) {
      return PackedSequences.parse(value);
    }

    @Override
    public long sequenceNumber(PackedSequence sequence) {
      return sequence.getSequenceNumber();
    }

    @Override
    public String dataset(PackedSequence sequence) {
      return sequence.getDataset();
    }

    @Override
    public List<Integer> assemble(List<PackedSequence> sequences) {
      return sequences.stream().flatMap(one -> CountedTokens.of(one).stream()).toList();
    }
  }
}
