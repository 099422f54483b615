package org.sluice.jobs.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.TrainingListener;
import org.sluice.experiments.ComparisonListener;
import org.sluice.experiments.ComparisonPlan;
import org.sluice.experiments.live.LivePage;
import org.sluice.experiments.live.LiveRun;
import org.sluice.experiments.live.PageAddress;
import org.sluice.experiments.tensorboard.TensorBoardLog;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.file.WatchingSection;

/** How a run is watched besides the console, for as long as it goes on. Nothing of it can end the run. */
final class Watching implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(Watching.class);

    private final List<ComparisonListener> listeners = new ArrayList<>();
    private Optional<LivePage> page = Optional.empty();
    private Optional<TensorBoardLog> tensorBoard = Optional.empty();

    private Watching() {}

    /** Begins to watch, and says where the page is, or why there is none. */
    static Watching begin(WatchingSection settings, RunFolder run, ComparisonPlan plan, Console console) {
        Watching watching = new Watching();
        settings.pageAddress().ifPresent(address -> watching.openPage(address, run, plan, console));
        if (settings.tensorboard()) {
            watching.writeEvents(run, plan, console);
        }
        return watching;
    }

    private void openPage(PageAddress address, RunFolder run, ComparisonPlan plan, Console console) {
        LiveRun live = new LiveRun(run, plan);
        try {
            LivePage opened = LivePage.open(address, live);
            console.message("live page: " + opened.url());
            listeners.add(live);
            page = Optional.of(opened);
        } catch (IOException e) {
            LOG.warn("no live page", e);
            console.message(
                    "there is no live page, as " + e.getMessage() + "; the run goes on without it. Say where with"
                            + " --set watching.page=HOST:PORT, or leave the port to Sluice with auto");
        }
    }

    private void writeEvents(RunFolder run, ComparisonPlan plan, Console console) {
        TensorBoardLog log = new TensorBoardLog(run, plan.training().steps(), problem -> {
            LOG.warn(problem);
            console.message(problem);
        });
        listeners.add(log);
        tensorBoard = Optional.of(log);
    }

    /** A listener that is told first, and then all that watch. */
    ComparisonListener behind(ComparisonListener first) {
        List<ComparisonListener> all = new ArrayList<>(List.of(first));
        all.addAll(listeners);
        return ComparisonListener.all(all);
    }

    /** A listener that is told first, and then all that watch. */
    TrainingListener behind(TrainingListener first) {
        List<TrainingListener> all = new ArrayList<>(List.of(first));
        listeners.forEach(listener -> all.add(listener.training()));
        return TrainingListener.all(all);
    }

    @Override
    public void close() {
        page.ifPresent(LivePage::close);
        tensorBoard.ifPresent(TensorBoardLog::close);
    }
}
