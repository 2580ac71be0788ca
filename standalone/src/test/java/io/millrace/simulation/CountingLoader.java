package io.millrace.simulation;

import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.ModelRuntime;
import io.millrace.inference.runtime.RuntimeLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Loads what {@link CountingTask} learned. */
final class CountingLoader implements RuntimeLoader<CountingLoader.Counted> {
  private final Consumer<String> reach;

  CountingLoader(Consumer<String> reach) {
    this.reach = reach;
  }

  /** A model in memory. */
  record Counted(List<Integer> tokens) implements ModelRuntime {
    @Override
    public void warmUp() {}

    @Override
    public void close() {}
  }

  @Override
  public Kind<Counted> kind() {
    return new Kind<>(CountingTask.NAME, Counted.class);
  }

  @Override
  public Counted load(Path folder) throws IOException {
    reach.accept("LOADING");
    return new Counted(CountedTokens.read(folder));
  }
}
