// What this browser keeps between visits: earns that wait for the service, and the balances it has seen.

const NAME = "card-service-counter";
const VERSION = 1;

let opening = null;

/** Open the store once, and again when the browser closed it. */
function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      // The tenant is part of every key: another pharmacy's people may sign in on the same machine.
      request.result.createObjectStore("earns", { keyPath: ["tenant", "billId"] });
      request.result.createObjectStore("balances", { keyPath: ["tenant", "number"] });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      request.result.onclose = () => { opening = null; };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  opening.catch(() => { opening = null; });
  return opening;
}

/** Run `work(store)` in a transaction, and give its request's result when all of it is on the disk. */
async function run(store, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    // Strict: an earn is said to be kept only when it would survive a power cut.
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** All records of a tenant. */
function ofTenant(tenant) {
  return IDBKeyRange.bound([tenant], [tenant, []]);
}

export function put(store, record) {
  return run(store, "readwrite", (records) => records.put(record));
}

export function add(store, record) {
  return run(store, "readwrite", (records) => records.add(record));
}

export function get(store, key) {
  return run(store, "readonly", (records) => records.get(key));
}

export function all(store, tenant) {
  return run(store, "readonly", (records) => records.getAll(ofTenant(tenant)));
}

export function remove(store, key) {
  return run(store, "readwrite", (records) => records.delete(key));
}

export function clear(store) {
  return run(store, "readwrite", (records) => records.clear());
}
