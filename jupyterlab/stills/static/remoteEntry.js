// A widget whose kernel is gone is "Error displaying widget: model not found" in JupyterLab, which never goes on
// to the other forms of the same output (github.com/matplotlib/ipympl/issues/16). Here the dead view is taken out
// of such an output when its notebook is opened: then the picture that is stored beside it is shown.
//
// Written in the form that a built plugin has, so there is nothing to build, and nothing but what it is given is used.
(() => {
  const VIEW = "application/vnd.jupyter.widget-view+json", STATE = "application/vnd.jupyter.widget-state+json";

  function views(model) {
    const outputs = [...model.cells].filter(cell => cell.type === "code").map(cell => cell.outputs);
    return outputs.flatMap(list => Array.from({length: list.length}, (_, n) => list.get(n))).filter(one => one.data[VIEW]);
  }

  // The widgets that live: none, if no kernel ran for the notebook when it was opened.
  async function alive(sessions, {localPath, sessionContext}) {
    if (!await sessions.findByPath(localPath)) return {};
    await sessionContext.ready;
    const reply = await sessionContext.session?.kernel?.requestCommInfo({target_name: "jupyter.widget"});
    return reply?.content.comms ?? {};
  }

  async function mend(sessions, context) {
    await context.ready;
    const {model} = context;
    const stored = new Set(views(model).map(one => one.data[VIEW].model_id)); // what is run from now on is alive
    if (!stored.size) return;
    const known = {...model.getMetadata("widgets")?.[STATE]?.state, ...await alive(sessions, context)};
    const dirty = model.dirty;
    for (const output of views(model)) {
      const {[VIEW]: {model_id: id}, ...rest} = output.data;
      if (stored.has(id) && !(id in known)) output.setData({data: rest});
    }
    model.dirty = dirty; // nobody is asked to save what was only opened
  }

  const plugin = {
    id: "cnn-blocks-stills:plugin",
    autoStart: true,
    activate: ({docRegistry, serviceManager}) => {
      const createNew = (_, context) => void mend(serviceManager.sessions, context);
      docRegistry.addWidgetExtension("Notebook", {createNew});
    },
  };
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["cnn-blocks-stills"] = {init: () => {}, get: async () => () => ({__esModule: true, default: plugin})};
})();
