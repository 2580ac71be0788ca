package io.millrace.standalone.plot;

import picocli.CommandLine.Command;

/** {@code millrace plot}. */
@Command(
    name = "plot",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Draws what networks are made of.",
    subcommands = ActivationsCommand.class)
public final class PlotCommand {}
