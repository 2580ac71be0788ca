package io.millrace.standalone.demo;

import io.millrace.standalone.terminal.UserError;
import java.util.function.Supplier;

/** A named part of the demonstration: whatever fails in it is said with the name. */
final class Stage {

  private Stage() {}

  /**
   * Does the work.
   *
   * @throws StageFailure if it fails; a stage inside has named itself already
   * @throws UserError if the person can put it right
   */
  static <T> T of(String name, Supplier<T> work) {
    try {
      return work.get();
    } catch (StageFailure | UserError e) {
      throw e;
    } catch (GatewayException e) {
      throw new StageFailure(name, String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      throw new StageFailure(name, e.toString(), e);
    }
  }
}
