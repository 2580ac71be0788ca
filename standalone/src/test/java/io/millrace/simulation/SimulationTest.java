package io.millrace.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Stories of many seeds, a hundred unless told otherwise: {@code -Dmillrace.simulation.seeds=10000}
 * for the long run, {@code -Dmillrace.simulation.first=42 -Dmillrace.simulation.seeds=1} for one.
 */
class SimulationTest {
  private static final int LANES = 4;

  private final Map<Logger, @Nullable Level> levels = new HashMap<>();

  /** Thousands of deaths are told once, at the end. */
  @BeforeEach
  void quietly() {
    for (String name : List.of("io.millrace", "org.flywaydb", "com.zaxxer")) {
      Logger logger = (Logger) LoggerFactory.getLogger(name);
      levels.put(logger, logger.getLevel());
      logger.setLevel(Level.OFF);
    }
  }

  @AfterEach
  void asBefore() {
    levels.forEach(Logger::setLevel);
  }

  @Test
  void losesNothingAndServesWhatWasPromotedWhereverItDies() throws Exception {
    long first = Long.getLong("millrace.simulation.first", 0);
    long seeds = Long.getLong("millrace.simulation.seeds", 100);
    Map<String, Integer> crashes = new TreeMap<>();
    try (ExecutorService lanes = Executors.newFixedThreadPool(LANES)) {
      List<Future<Map<String, Integer>>> parts = new ArrayList<>();
      for (int lane = 0; lane < LANES; lane++) {
        long from = first + lane;
        parts.add(lanes.submit(() -> play(from, first + seeds)));
      }
      for (Future<Map<String, Integer>> part : parts) {
        part.get().forEach((point, times) -> crashes.merge(point, times, Integer::sum));
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError failed) {
        throw failed;
      }
      throw e;
    }
    System.out.printf("%d stories, deaths by step: %s%n", seeds, crashes);
    if (seeds >= 100) {
      assertThat(crashes.keySet()).as("steps at which a process died").containsAll(Seed.points());
    }
  }

  private static Map<String, Integer> play(long from, long end) throws IOException {
    Map<String, Integer> crashes = new TreeMap<>();
    try (Lane lane = Lane.open()) {
      for (long seed = from; seed < end; seed += LANES) {
        Seed.play(lane, seed).forEach((point, times) -> crashes.merge(point, times, Integer::sum));
      }
    }
    return crashes;
  }
}
