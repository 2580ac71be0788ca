package io.millrace.training.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

class RunWatchTest {
  private static final int FAILS = -1;

  /** Whichever look it is, also the second one at a run that has changed. */
  @Test
  void outlastsADatabaseThatFailsBetweenTwoLooksAtARunThatWaits() throws InterruptedException {
    RunWatch watch = new RunWatch(new Places(3, 2, FAILS, 2, 2));
    watch.start();
    List<RunState> heard = new ArrayList<>();

    boolean finished = watch.follow("id", run -> heard.add(run.state()), () -> true);

    assertThat(finished).isTrue();
    assertThat(heard).containsExactly(RunState.QUEUED, RunState.QUEUED, RunState.SUCCEEDED);
  }

  /** Has a run that waits at these places, as they are asked for, and has succeeded then. */
  private static final class Places extends RunStore {
    private final Deque<Integer> places = new ArrayDeque<>();

    Places(int... places) {
      super(JdbcClient.create(new SimpleDriverDataSource()), Clock.systemUTC());
      for (int place : places) {
        this.places.add(place);
      }
    }

    @Override
    public Run require(String id) {
      return RunsInTests.run(
          places.isEmpty() ? RunState.SUCCEEDED : RunState.QUEUED, Progress.NONE, "", false);
    }

    @Override
    long revision(String id) {
      return places.isEmpty() ? 2 : 1;
    }

    @Override
    Waiting waiting(Run run) {
      int place = places.remove();
      if (place == FAILS) {
        throw new QueryTimeoutException("the database is away");
      }
      return new Waiting(place, "others are before it");
    }
  }
}
