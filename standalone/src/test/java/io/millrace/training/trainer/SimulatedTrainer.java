package io.millrace.training.trainer;

import io.millrace.training.lease.Lease;
import io.millrace.training.lease.Leases;
import java.util.Optional;
import org.springframework.context.support.GenericApplicationContext;

/** A trainer's process: claims a run and works on it until it is done, or dies. */
public final class SimulatedTrainer {
  private final Leases leases;
  private final Worker worker;

  /** A trainer of these beans. */
  public SimulatedTrainer(GenericApplicationContext beans) {
    this.leases = beans.getBean(Leases.class);
    this.worker = beans.getBean(Worker.class);
  }

  /** Registers what a trainer is made of. */
  public static void register(GenericApplicationContext beans) {
    beans.registerBean(CheckpointAges.class);
    beans.registerBean(TrainerConfiguration.class);
    beans.registerBean(Attempt.class);
    beans.registerBean(Worker.class);
  }

  /** Works on the oldest run that nobody works on; false if there is none. */
  public boolean work() {
    Optional<Lease> lease = leases.claim("simulated");
    lease.ifPresent(held -> worker.work(held, new StopSignal(), 1));
    return lease.isPresent();
  }
}
