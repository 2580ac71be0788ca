package io.millrace.tensor.optimizer;

/** The learning rate of every step; step 0 is the first. */
public sealed interface LearningRateSchedule {

  /** The rate of {@code step}, counted from 0; after the last planned step it stays. */
  double at(long step);

  /** Always the same. */
  record Constant(double rate) implements LearningRateSchedule {

    public Constant {
      requireRates(rate, 0);
    }

    @Override
    public double at(long step) {
      return rate;
    }
  }

  /**
   * Linear from 0 to the peak, then half a cosine to the floor (Loshchilov and Hutter 2017, arXiv
   * 1608.03983, equation 5, without restarts).
   */
  record WarmupCosine(double peak, double floor, long warmupSteps, long totalSteps)
      implements LearningRateSchedule {

    public WarmupCosine {
      requireRates(peak, floor);
      requireSteps(warmupSteps, totalSteps);
    }

    @Override
    public double at(long step) {
      if (step < warmupSteps) {
        return warm(peak, step, warmupSteps);
      }
      double done = share(step - warmupSteps, totalSteps - warmupSteps);
      return floor + (peak - floor) * 0.5 * (1 + Math.cos(Math.PI * done));
    }
  }

  /**
   * Linear from 0 to the peak, constant, then down to the floor as 1 - sqrt (Hägele et al. 2024,
   * arXiv 2405.18392, section 3.2); a run can be prolonged by continuing from before the decay.
   */
  record WarmupStableDecay(
      double peak, double floor, long warmupSteps, long decaySteps, long totalSteps)
      implements LearningRateSchedule {

    public WarmupStableDecay {
      requireRates(peak, floor);
      requireSteps(warmupSteps, totalSteps);
      requireSteps(decaySteps, totalSteps - warmupSteps);
    }

    @Override
    public double at(long step) {
      if (step < warmupSteps) {
        return warm(peak, step, warmupSteps);
      }
      long intoDecay = step - (totalSteps - decaySteps);
      if (intoDecay < 0) {
        return peak;
      }
      return floor + (peak - floor) * (1 - Math.sqrt(share(intoDecay, decaySteps)));
    }
  }

  /**
   * DeepSeek-V3's (arXiv 2412.19437, section 4.2), with its shares of the 14.8 trillion tokens:
   * linear from 0 to the peak, constant until 10 of them, half a cosine over the next 4.3 down to a
   * tenth, which holds for 0.333, and a thirtieth for the last 0.167.
   *
   * @param peak 2.2e-4 there
   * @param low rate after the cosine, 2.2e-5 there
   * @param last rate of the end, 7.3e-6 there
   * @param warmupSteps 2000 steps there
   * @param cosineBegin first step of the cosine
   * @param lowBegin first step at the low rate
   * @param lastBegin first step at the last rate
   */
  record DeepSeekV3(
      double peak,
      double low,
      double last,
      long warmupSteps,
      long cosineBegin,
      long lowBegin,
      long lastBegin)
      implements LearningRateSchedule {

    public DeepSeekV3 {
      requireRates(peak, low);
      requireRates(low, last);
      requireSteps(warmupSteps, cosineBegin);
      requireSteps(cosineBegin, lowBegin);
      requireSteps(lowBegin, lastBegin);
    }

    /** The same shape over other steps, with another peak. */
    public static DeepSeekV3 of(double peak, long warmupSteps, long totalSteps) {
      long cosine = Math.max(warmupSteps, Math.round(totalSteps * 10.0 / 14.8));
      long low = Math.max(cosine, Math.round(totalSteps * 14.3 / 14.8));
      long last = Math.max(low, Math.round(totalSteps * 14.633 / 14.8));
      return new DeepSeekV3(
          peak, peak * 2.2e-5 / 2.2e-4, peak * 7.3e-6 / 2.2e-4, warmupSteps, cosine, low, last);
    }

    @Override
    public double at(long step) {
      if (step < warmupSteps) {
        return warm(peak, step, warmupSteps);
      }
      if (step < cosineBegin) {
        return peak;
      }
      if (step < lowBegin) {
        double done = share(step - cosineBegin, lowBegin - cosineBegin);
        return low + (peak - low) * 0.5 * (1 + Math.cos(Math.PI * done));
      }
      return step < lastBegin ? low : last;
    }
  }

  private static double warm(double peak, long step, long warmupSteps) {
    return peak * (step + 1) / warmupSteps;
  }

  private static double share(long done, long of) {
    return of == 0 ? 1 : Math.min(1, (double) done / of);
  }

  private static void requireRates(double peak, double floor) {
    if (!(peak >= 0) || Double.isInfinite(peak) || !(floor >= 0) || floor > peak) {
      throw new IllegalArgumentException(
          "learning rates must be finite, not negative and the floor not above the peak: peak %s, floor %s"
              .formatted(peak, floor));
    }
  }

  private static void requireSteps(long part, long total) {
    if (part < 0 || part > total) {
      throw new IllegalArgumentException(
          "a phase of %d steps does not fit into %d steps".formatted(part, total));
    }
  }
}
