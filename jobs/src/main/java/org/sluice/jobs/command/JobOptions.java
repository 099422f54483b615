package org.sluice.jobs.command;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.sluice.jobs.InputException;
import org.sluice.jobs.file.Job;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which job file, and what of it is changed on the command line. */
public final class JobOptions {
    @Parameters(paramLabel = "JOB.yaml", description = "The job file; its keys are described in docs/job-file.md.")
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Override a key of the job file, sections dotted: --set training.steps=500. Can be repeated.")
    private List<String> settings = new ArrayList<>();

    /**
     * Reads the job file.
     *
     * @throws InputException if it is not there, or does not say what a job file says
     */
    Job load() {
        try {
            return Job.read(Files.readString(file), file.toString(), settings);
        } catch (NoSuchFileException e) {
            throw new InputException("there is no job file " + file.toAbsolutePath(), e);
        } catch (CharacterCodingException e) {
            throw new InputException("the job file " + file + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new InputException("the job file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
